/** Opening by finger or face beside the code: turned on after it, turned off at any time, never the only way. */

import { fact } from "../store/database";
import { enter, relock, tried } from "./opening";
import { type Prf, forget, opened, wrapped } from "./prf";
import { type Lock, lendable } from "./wrap";

/** Let this phone's own authenticator open as well; false when the code is wrong, or it is too early. Throws NoPrf. */
export async function turnOn(code: string): Promise<boolean> {
  const lock = await fact("lock");
  const key = lock ? await tried(lock, () => lendable(lock, code)) : null;
  if (!lock || !key) return false;
  const prf = await wrapped(key);
  await relock(lock, (here) => ({ ...here, prf }));
  return true;
}

/** From now on only the code opens. */
export async function turnOff(): Promise<void> {
  const lock = await fact("lock");
  if (!lock?.prf) return;
  await relock(lock, ({ prf: _, ...rest }) => rest);
  await forget(lock.prf.id);
}

/** Open by finger or face. Throws NoPrf. */
export async function unlockByTouch(lock: Lock, prf: Prf): Promise<void> {
  await enter(await opened(prf), lock);
}
