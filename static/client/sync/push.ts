/** The sending half of a pass: what goes into one request, and what leaves the outbox afterwards. */

import { type OutboxEntry, type SentEntry, type Writing, use } from "../store/database";
import { acknowledge, hashed, offerAgain } from "../store/outbox";
import { type Answer, MOST_BYTES, PAGE, type Question } from "./protocol";

/** A request and the entries that travel in it. */
export interface Parcel {
  question: Question;
  batch: OutboxEntry[];
  /** Entries that wait behind it. */
  behind: number;
  epoch: string | null;
}

/** Pack what waits, after the first `skip` entries, with where this phone stands; all read at one moment. */
export async function pack(app: string, person: string, skip: number, most: number): Promise<Parcel> {
  const [device, cursor, epoch, entries] = await use((db) => {
    const tx = db.transaction(["facts", "outbox"]);
    const fact = (name: string) => tx.objectStore("facts").get(name) as Promise<string | null | undefined>;
    return Promise.all([fact("device"), fact("cursor"), fact("epoch"), tx.objectStore("outbox").getAll()]);
  }, person);
  const waiting = entries.slice(skip);
  const batch = cut(waiting, most);
  const bodies = batch.map(({ body }) => body);
  const plain = bodies.map((body) => ({ body }));
  const changes = batch.length ? await import("./signing").then(({ signed }) => signed(bodies, person), () => plain) : plain;
  const question = { device: device ?? "", person, app, cursor: cursor ?? null, limit: PAGE, changes };
  return { question, batch, behind: waiting.length - batch.length, epoch: epoch ?? null };
}

/** As many entries, in order, as one request may carry; always at least one. */
export function cut(entries: OutboxEntry[], most: number): OutboxEntry[] {
  const batch: OutboxEntry[] = [];
  let bytes = 500;
  for (const entry of entries.slice(0, most)) {
    // JSON inside JSON: quotes and backslashes double, letters are up to four bytes. A signature has 86.
    bytes += new TextEncoder().encode(JSON.stringify(entry.body)).length + 120;
    if (batch.length && bytes > MOST_BYTES) break;
    batch.push(entry);
  }
  return batch;
}

/** The bytes that were sent, ready to be compared with receipts. */
export const sealed = (parcel: Parcel) => hashed(parcel.batch);

/** Let go of what was receipted; in a restored database's first answer, offer the rest of the kept work again. */
export async function letGo(
  tx: Writing,
  parcel: Parcel,
  seals: Map<string, OutboxEntry>,
  answer: Answer,
  now: string,
): Promise<SentEntry[]> {
  if (parcel.epoch && parcel.epoch !== answer.epoch) await offerAgain(tx);
  return acknowledge(tx, seals, answer.receipts, now);
}
