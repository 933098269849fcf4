/**
 * Handing in without a sign-in: when the ward answers 401, what waits here goes through the write-only door,
 * signed. Entries leave by the same rule as always: a receipt for exactly their bytes. Loaded when it is needed.
 */

import type { OutboxEntry } from "../store/database";
import { write } from "../store/database";
import { waiting } from "../store/outbox";
import { type WireReceipt, acknowledge, hashed } from "../store/receipts";
import { applyRemote } from "../store/remote";
import { Failed, MOST_CHANGES, Offline } from "./protocol";
import { cut } from "./push";
import { type Sealed, signed } from "./signing";
import type { Surroundings } from "./synchronize";
import { talk } from "./talk";

/** What is handed in. */
export interface Handful {
  device: string;
  person: string;
  app: string;
  changes: Sealed[];
}

export type Give = (handful: Handful) => Promise<{ receipts: WireReceipt[] }>;

const give: Give = (handful) => talk("/api/v1/intake", handful, {}, "omit");
/** Seconds until the next try where the ward did not say. */
const LATER = 60;

/**
 * Hand in everything that waits after `refusal`, then throw: the person still has to sign in. Throws Offline
 * when there was no signal for it, else the refusal, with the time of the next try when something is left.
 */
export async function handInAfter(refusal: Failed, around: Surroundings, device: string, ask = give): Promise<never> {
  try {
    await handIn(around, device, ask);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    // A ward that does not know this phone can only be helped by a sign-in; anything else passes.
    if (error.status !== 401) throw new Failed(refusal.code, 401, error.retryAfter ?? LATER);
  }
  throw refusal;
}

/** Hand in what waits, parcel by parcel; the number of entries that the ward has receipted. */
export async function handIn(around: Surroundings, device: string, ask = give): Promise<number> {
  let [most, skip, taken] = [MOST_CHANGES, 0, 0];
  let tooLarge: Failed | null = null;
  for (;;) {
    const batch = cut((await waiting(around.person)).slice(skip), most);
    if (!batch.length) break;
    const handful = { device, person: around.person, app: around.app, changes: await signed(batch.map(({ body }) => body), around.person) };
    const answer = await ask(handful).catch((error: unknown) => {
      if (!(error instanceof Failed) || error.status !== 413) throw error;
      // Half as much; what does not pass even alone stays here and lets the others by.
      if (batch.length > 1) most = Math.floor(batch.length / 2);
      else [skip, tooLarge] = [skip + 1, error];
      return null;
    });
    if (!answer) continue;
    const believed = await settle(around, batch, answer.receipts);
    taken += believed;
    skip += batch.length - believed;
  }
  if (tooLarge) throw tooLarge;
  return taken;
}

/** Let go of what was receipted, and lay it into this phone's own copy as after any pass. */
async function settle(around: Surroundings, batch: OutboxEntry[], receipts: WireReceipt[]): Promise<number> {
  if (!Array.isArray(receipts)) throw new Offline("not our answer");
  const seals = await hashed(batch);
  const now = around.now().toISOString();
  return write(["facts", "records", "outbox", "sent", "stuck"], async (tx) => {
    const believed = await acknowledge(tx, seals, receipts, now);
    // `more`: this is no answer to a pull, so a replacement under way is not over.
    await applyRemote(tx, { records: [], gone: [], more: true, replace: false }, believed, around.person);
    return believed.length;
  }, around.person);
}
