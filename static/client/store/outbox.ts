/** What waits for the ward. An outbox is not a cache: an entry leaves only by its receipt. */

import { type OutboxEntry, type PersonSchema, type SentEntry, type Writing, factIn, putFacts, readAll, use } from "./database";

/** This person's database has no place any more: it was lost while the app was open. */
export class PlaceLost extends Error {}

/** Everything unsent that can be read, oldest first, and the numbers of what cannot. */
export async function lying(person?: string): Promise<{ entries: OutboxEntry[]; unreadable: number[] }> {
  const { values, unreadable } = await readAll("outbox", isWhole, person);
  return { entries: values, unreadable };
}

/** The unsent entries that can be read, oldest first. */
export async function waiting(person?: string): Promise<OutboxEntry[]> {
  return (await lying(person)).entries;
}

/** What lies here of one record, as far as it can be read. */
export async function ofRecord<N extends "outbox" | "sent">(store: N, record: string): Promise<PersonSchema[N]["value"][]> {
  const found = await use((db): Promise<OutboxEntry[]> => db.getAllFromIndex(store as "outbox", "record", record)).catch(() => null);
  return (found ?? (await readAll(store)).values.filter((entry) => entry.record === record)).filter(isWhole);
}

export function isWhole(entry: OutboxEntry): boolean {
  return [entry?.body, entry?.id, entry?.record].every((part) => typeof part === "string");
}

/** What has a receipt, of one record or of all, newest first. */
export async function receipted(record?: string): Promise<SentEntry[]> {
  const entries = record ? await ofRecord("sent", record) : (await readAll("sent", isWhole)).values;
  return entries.sort((a, b) => b.seq - a.seq);
}

/** The change's text in its place: it is to be sealed, and then put again. */
export class ToSeal extends Error {
  constructor(readonly body: string) {
    super("to seal");
  }
}

/** A text, and how it is laid down. */
export interface Ready {
  of: string;
  made: Pick<OutboxEntry, "body" | "sealed" | "own">;
}

/**
 * Put a change in the outbox within `tx`, under the next number of this device; sealed as `ready` says, if its text
 * is that, null when it is not to be sealed. Returns the entry; it is safe only when the transaction has completed.
 * Raises PlaceLost, or ToSeal with the text.
 */
export async function enqueue(tx: Writing, change: Record<string, unknown>, ready: Ready | null = null): Promise<OutboxEntry> {
  if (!(await factIn(tx, "device"))) throw new PlaceLost("no place");
  const last = (await factIn(tx, "seq")) ?? 0;
  const { id, ...rest } = change as { id: string };
  // Tried once more after a broken connection: the first try may have come through.
  const before = await tx.objectStore("outbox").get(last);
  if (before?.id === id) return before;
  const seq = last + 1;
  const { record, kind, at } = change as { record: string; kind: string; at: string };
  const body = JSON.stringify({ id, seq, ...rest });
  if (ready && ready.of !== body) throw new ToSeal(body);
  const entry: OutboxEntry = { seq, id, record, kind, at, body, ...ready?.made };
  await putFacts(tx, { seq });
  await tx.objectStore("outbox").add(entry);
  return entry;
}

/** SHA-256 of the UTF-8 bytes, in hex, as receipts carry it. */
export async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
