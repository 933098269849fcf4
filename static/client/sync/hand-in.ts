/**
 * Handing in without a sign-in: when the ward answers 401, what waits here goes through the write-only door,
 * signed. Entries leave by the same rule as always: a receipt for exactly their bytes. Loaded when it is needed.
 */

import type { Facts, OutboxEntry } from "../store/database";
import { factIn, putFacts, use, write } from "../store/database";
import { withOwns } from "../store/kept";
import { waiting } from "../store/outbox";
import { type WireReceipt, acknowledge, hashed, matching } from "../store/receipts";
import { NOTHING, applyRemote, closedUp } from "../store/remote";
import { Search, lanes } from "./lanes";
import { type Ended, Failed, MOST_CHANGES, Offline } from "./protocol";
import { cut } from "./push";
import { shaped } from "./shut";
import { type Travelling, signed } from "./signing";
import { ABOUT_US, MOST_FAILURES, type Surroundings } from "./synchronize";
import { talk } from "./talk";

/** What is handed in. */
export interface Handful {
  device: string;
  person: string;
  app: string;
  changes: Travelling[];
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
    if (refusal.why) await heed(refusal.why, around.person);
    await handIn(around, device, ask);
    // The ward has what waited. Now this phone lets go of what it reads with.
    if (refusal.why === "phone_revoked") await (await import("../lock/wipe")).wipe(around.person, device, around.now());
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    // A ward that does not know this phone can only be helped by a sign-in; anything else passes.
    if (error.status !== 401) throw new Failed(refusal.code, 401, error.retryAfter ?? LATER);
  }
  throw refusal;
}

/** The ward ended this sign-in: what it once sent is not for reading here any more. What was written here stays. */
async function heed(ended: Ended, person: string): Promise<void> {
  await write(["facts", "records"], async (tx) => {
    if ((await factIn(tx, "ended")) === ended) return;
    await tx.objectStore("records").clear();
    await putFacts(tx, { ended, cursor: null, replacing: null });
  }, person);
}

/**
 * Hand in what waits, parcel by parcel; the number of entries that the ward has receipted.
 * An entry that spoils its request stays, and lets the others by.
 */
export async function handIn(around: Surroundings, device: string, ask = give): Promise<number> {
  const { person, app } = around;
  const search = new Search(MOST_CHANGES);
  const tried = new Set<number>();
  let [taken, failures] = [0, 0];
  let spoilt: Failed | null = null;
  for (;;) {
    const told = (await use((db) => db.get("facts", "seal"), person)) as Facts["seal"] | undefined;
    const lies = await waiting(person);
    const batch = cut(lanes(told ? lies : await withOwns(lies), [], tried, around.now(), (entry) => shaped(entry, told)).free, search.most);
    if (!batch.length) break;
    const changes = await signed(batch, person);
    const answer = await ask({ device, person, app, changes }).catch((error: unknown) => {
      if (!(error instanceof Failed) || !ABOUT_US.has(error.status) || ++failures > MOST_FAILURES) throw error;
      search.failed(batch.length, error.status === 413);
      if (batch.length === 1) {
        tried.add(batch[0]!.seq);
        spoilt = error;
      }
      return null;
    });
    if (!answer) continue;
    const believed = await settle(around, batch, answer.receipts);
    search.passed(batch.length);
    for (const { seq } of batch) if (!believed.has(seq)) tried.add(seq);
    taken += believed.size;
  }
  if (spoilt) throw spoilt;
  return taken;
}

/** Let go of what was receipted, and lay it into this phone's own copy as after any pass; the numbers that left. */
async function settle(around: Surroundings, batch: OutboxEntry[], receipts: WireReceipt[]): Promise<Set<number>> {
  if (!Array.isArray(receipts)) throw new Offline("not our answer");
  const seals = await hashed(batch);
  const now = around.now().toISOString();
  const rows = await closedUp([], matching(seals, receipts, now), around.person).catch(() => null);
  return write(["facts", "records", "outbox", "sent", "stuck"], async (tx) => {
    const believed = await acknowledge(tx, seals, receipts, now);
    await applyRemote(tx, NOTHING, believed, rows);
    return new Set(believed.map(({ seq }) => seq));
  }, around.person);
}
