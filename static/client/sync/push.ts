/** The sending half of a pass: what goes into one request, and what leaves the outbox afterwards. */

import { isOpen } from "../lock/vault";
import { type Facts, type OutboxEntry, type SentEntry, type Writing, use } from "../store/database";
import { withOwns } from "../store/kept";
import { lying } from "../store/outbox";
import { acknowledge, hashed, offerAgain } from "../store/receipts";
import { UNREADABLE, stuckEntries } from "../store/stuck";
import { lanes } from "./lanes";
import { type Answer, MOST_BYTES, PAGE, type Question } from "./protocol";
import { bytesOf, shaped } from "./shut";
import { publicKey, signed } from "./signing";

/** A request and the entries that travel in it. */
export interface Parcel {
  question: Question;
  batch: OutboxEntry[];
  /** Entries that could go in another request of this pass. */
  behind: number;
  epoch: string | null;
  /** The batch got stuck before. */
  again: boolean;
  /** Numbers in the outbox that cannot be read and are not known to be so. */
  unreadable: number[];
}

export interface Picking {
  app: string;
  person: string;
  now: Date;
  /** Sent in this pass already. */
  tried: ReadonlySet<number>;
  most: number;
}

/** Pack what may go now, with where this phone stands. Entries that got stuck before travel after all others. */
export async function pack({ app, person, now, tried, most }: Picking): Promise<Parcel> {
  const facts = await use((db) => {
    const store = db.transaction("facts").store;
    return Promise.all((["device", "cursor", "epoch", "seq", "seal"] as const).map((name) => store.get(name)));
  }, person);
  const [device, cursor, epoch, issued, told] = facts as [string?, Facts["cursor"]?, Facts["epoch"]?, number?, Facts["seal"]?];
  const [{ entries, unreadable }, stuck] = await Promise.all([lying(person), stuckEntries(person)]);
  // A ward that takes nothing sealed gets what this phone can still read.
  const ready = told ? entries : await withOwns(entries);
  const { free, again } = lanes(ready, stuck, tried, now, (entry) => shaped(entry, told));
  const batch = cut(free.length ? free : again, most);
  const changes = await signed(batch, person);
  const key = batch.length ? await publicKey(person) : null;
  const unsent = entries.length + unreadable.length - batch.length;
  return {
    question: { device: device ?? "", person, app, cursor: cursor ?? null, limit: isOpen() ? PAGE : 1, issued: issued ?? 0, unsent, ...(key && { key }), changes },
    batch,
    behind: free.length + again.length - batch.length,
    epoch: epoch ?? null,
    again: !free.length,
    unreadable: unreadable.filter((seq) => !stuck.some((one) => one.seq === seq && one.code === UNREADABLE)),
  };
}

/** As many entries, in order, as one request may carry; always at least one. */
export function cut(entries: OutboxEntry[], most: number): OutboxEntry[] {
  const batch: OutboxEntry[] = [];
  let bytes = 600;
  for (const entry of entries.slice(0, most)) {
    // JSON inside JSON: quotes and backslashes double, letters are up to four bytes. A signature has 86.
    bytes += new TextEncoder().encode(JSON.stringify([bytesOf(entry), entry.sealed?.head])).length + 160;
    if (batch.length && bytes > MOST_BYTES) break;
    batch.push(entry);
  }
  return batch;
}

/** The bytes that were sent, ready to be compared with receipts. */
export const sealed = (parcel: Parcel) => hashed(parcel.batch);

/** Let go of what was receipted; in a restored database's first answer, offer the kept work again. */
export async function letGo(
  tx: Writing,
  seals: Map<string, OutboxEntry>,
  kept: SentEntry[],
  answer: Answer,
  now: string,
): Promise<SentEntry[]> {
  if (kept.length) await offerAgain(tx, kept);
  return acknowledge(tx, seals, answer.receipts, now);
}
