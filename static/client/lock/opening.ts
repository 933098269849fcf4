/** Choosing a code, opening with it, changing it. Every try is counted on the disk before it is judged. */

import { admit, gate, knowLock, people } from "../state";
import { fact, factIn, putFacts, type Writing, write } from "../store/database";
import { insist, isFull } from "../store/room";
import { closeUp, Locked, settleLate } from "./closing";
import type { Kind } from "./codes";
import { toWait } from "./delays";
import { ownReading, readingKey } from "./reading";
import { hold } from "./vault";
import { watchOver } from "./watch";
import { type Lock, newLock, opened, relocked } from "./wrap";

const NONE = { count: 0, at: 0 };
let unwritten = NONE;

/** Milliseconds to wait before the next try. */
export async function waiting(): Promise<number> {
  return Math.max(toWait((await fact("tries")) ?? NONE, Date.now()), toWait(unwritten, Date.now()));
}

/** Open with a code: true; false when it is wrong, or too early. */
export async function unlock(lock: Lock, code: string): Promise<boolean> {
  const key = await tried(lock, () => opened(lock, code));
  if (key) await enter(key, lock);
  return key !== null;
}

/** Another code in the place of the present one; false when that is wrong, or it is too early. */
export async function change(code: string, next: string, kind: Kind): Promise<boolean> {
  const lock = await fact("lock");
  const made = lock ? await tried(lock, () => relocked(lock, code, next, kind)) : null;
  if (!lock || !made) return false;
  await relock(lock, ({ prf }) => ({ ...made, ...(prf && { prf }) }));
  return true;
}

/** Put another lock before the same data key, if none was chosen meanwhile in another tab: that would be another key. */
export async function relock(lock: Lock, next: (here: Lock) => Lock): Promise<void> {
  knowLock(
    await write(["facts"], async (tx) => {
      const here = await factIn(tx, "lock");
      if (here?.salt.join() !== lock.salt.join()) throw new Locked("another tab was quicker");
      const made = next(here);
      await putFacts(tx, { lock: made });
      return made;
    }),
  );
}

/**
 * Try a code. Whoever kills the app during a try has tried. On a phone so full that not even this can be written, and
 * nothing is left to give up for it, a try counts until the page goes: its owner must get at what waits to be sent.
 */
export async function tried<T>(lock: Lock, work: (lock: Lock) => Promise<T | null>): Promise<T | null> {
  const now = Date.now();
  const may = await insist(() => write(["facts"], (tx) => counted(tx, now))).catch((error: unknown) => {
    if (!isFull(error)) throw error;
    unwritten = { count: unwritten.count + 1, at: now };
    return true;
  });
  const found = may ? await work(lock) : null;
  if (!found) return null;
  unwritten = NONE;
  await write(["facts"], (tx) => putFacts(tx, { tries: NONE })).catch((error: unknown) => {
    if (!isFull(error)) throw error;
  });
  return found;
}

/** Count a try; false when it is too early for one. */
async function counted(tx: Writing, now: number): Promise<boolean> {
  const tries = (await factIn(tx, "tries")) ?? NONE;
  if (toWait(tries, now) > 0 || toWait(unwritten, now) > 0) return false;
  await putFacts(tx, { tries: { count: tries.count + 1, at: now } });
  return true;
}

/** Choose a code. What lay here in the clear is closed up with it. */
export async function choose(code: string, kind: Kind): Promise<void> {
  const { person, anew } = gate.value!;
  const { lock, key } = await newLock(code, kind);
  hold({ data: key, read: null });
  const { facts, key: read } = await ownReading(Date.now());
  hold({ data: key, read });
  await closeUp(person.id, lock, anew, facts).catch(async (error: unknown) => {
    hold(null);
    if (error instanceof Locked) gate.value = { person, anew: false, wiped: false, lock: (await fact("lock")) ?? null };
    throw error;
  });
  await enter(key, lock);
}

/** Whether nobody else signed in here: a phone knows its owners' fingers, and not which of them is whose. */
export const isAlone = (): boolean => people.value.length === 1;

/** The data key is there: open the part that is shut. */
export async function enter(key: CryptoKey, lock: Lock): Promise<void> {
  hold({ data: key, read: null });
  hold({ data: key, read: await readingKey(Date.now()).catch(() => null) });
  // Somebody else uses this phone by now, whose finger it may know as well.
  if (lock.prf && !isAlone()) await import("./touching").then(({ turnOff }) => turnOff()).catch(() => undefined);
  await settleLate(gate.value!.person.id).catch(() => undefined);
  await admit((await fact("lock")) ?? lock);
  watchOver();
}
