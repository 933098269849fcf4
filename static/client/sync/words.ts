/** The words of a pass, from whoever sends: an open page, a shut one, or the service worker alone. */

import { device } from "../store/place";
import { handInAfter } from "./hand-in";
import { Failed } from "./protocol";
import { sealLate } from "./sealing";
import { register } from "./signing";
import { type Surroundings, synchronize } from "./synchronize";

/** What follows when something came or went, and how the forms, and with them the ward's key, are fetched anew. */
export interface Around {
  changed: () => Promise<void>;
  renew: () => Promise<unknown>;
}

/**
 * Seal what lies open, send what waits, receive what is new. Whether the ward started over. Throws what a pass throws;
 * where the ward wants a sign-in, after handing in.
 */
export async function exchangeWords(mine: Surroundings, { changed, renew }: Around): Promise<boolean> {
  // The ward checks signatures: it shall know the key before what it has signed. Where this fails the pass goes on.
  await register(mine.person).catch(() => undefined);
  const sealing = () => sealLate(mine.person, mine.now(), renew);
  const waits = await sealing();
  const { reset } = await synchronize(mine).catch((error: unknown) => handIn(error, mine)).finally(changed);
  // Perhaps this phone's clock was all that was wrong, and the ward has told its own now.
  if (waits && !(await sealing())) await synchronize(mine).finally(changed);
  return reset;
}

/** The ward wants a sign-in: what waits goes through its write-only door meanwhile. Throws what is to be told. */
async function handIn(error: unknown, around: Surroundings): Promise<never> {
  if (!(error instanceof Failed) || error.status !== 401) throw error;
  return handInAfter(error, around, await device());
}
