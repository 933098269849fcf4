/** What waits for the ward. An outbox is not a cache: an entry leaves only by its receipt. */

import type { Receipt } from "../types";
import { type OutboxEntry, type SentEntry, type Writing, use, write } from "./database";

const KEPT_DAYS = 30;

/** A receipt as it came; its id is null when the ward could not read the body, and then only the hash names it. */
export type WireReceipt = Omit<Receipt, "got" | "record" | "kind" | "id"> & { id: string | null };

/** Everything unsent, oldest first. */
export function waiting(person?: string): Promise<OutboxEntry[]> {
  return use((db) => db.getAll("outbox"), person);
}

/** What has a receipt, of one record or of all, newest first. */
export async function receipted(record?: string): Promise<SentEntry[]> {
  const entries = await use((db) => (record ? db.getAllFromIndex("sent", "record", record) : db.getAll("sent")));
  return entries.sort((a, b) => b.seq - a.seq);
}

/**
 * Put a change in the outbox within `tx`, under the next number of this device.
 * Returns the entry; it is safe only when the transaction has completed.
 */
export async function enqueue(tx: Writing, change: Record<string, unknown>): Promise<OutboxEntry> {
  const facts = tx.objectStore("facts");
  const last = ((await facts.get("seq")) as number | undefined) ?? 0;
  const { id, ...rest } = change as { id: string };
  // Tried once more after a broken connection: the first try may have come through.
  const before = await tx.objectStore("outbox").get(last);
  if (before?.id === id) return before;
  const seq = last + 1;
  const { record, kind, at } = change as { record: string; kind: string; at: string };
  const entry: OutboxEntry = { seq, id, record, kind, at, body: JSON.stringify({ id, seq, ...rest }) };
  await facts.put(seq, "seq");
  await tx.objectStore("outbox").add(entry);
  return entry;
}

/** The entries under the hash of their bytes, to be compared with receipts. */
export async function hashed(entries: OutboxEntry[]): Promise<Map<string, OutboxEntry>> {
  return new Map(await Promise.all(entries.map(async (entry) => [await sha256(entry.body), entry] as const)));
}

/**
 * Take away what the ward has receipted, and only if the receipt is for exactly the bytes that lie here.
 * Returns what was believed, in the order of the receipts.
 */
export async function acknowledge(
  tx: Writing,
  batch: Map<string, OutboxEntry>,
  receipts: WireReceipt[],
  now: string,
): Promise<SentEntry[]> {
  const believed: SentEntry[] = [];
  for (const receipt of receipts) {
    const entry = batch.get(receipt.sha256);
    if (!entry || (receipt.id !== null && receipt.id !== entry.id)) continue;
    const here = await tx.objectStore("outbox").get(entry.seq);
    if (here?.body !== entry.body) continue;
    const { id, record, kind } = entry;
    const sent = { ...entry, receipt: { ...receipt, id, record, kind, got: now } };
    await tx.objectStore("sent").put(sent);
    await tx.objectStore("outbox").delete(entry.seq);
    believed.push(sent);
  }
  return believed;
}

/** The ward's database was restored: offer everything that is still kept again, byte for byte. */
export async function offerAgain(tx: Writing): Promise<void> {
  for (const { receipt: _, ...entry } of await tx.objectStore("sent").getAll()) {
    await tx.objectStore("outbox").put(entry);
    await tx.objectStore("sent").delete(entry.id);
  }
}

/** Drop receipted changes older than 30 days. Unsent ones have no age. */
export async function forgetOld(now: Date, person?: string): Promise<void> {
  const limit = new Date(now.getTime() - KEPT_DAYS * 86_400_000).toISOString();
  const old = (await use((db) => db.getAll("sent"), person)).filter((entry) => entry.receipt.got < limit);
  if (!old.length) return;
  await write(["sent"], async (tx) => {
    for (const entry of old) await tx.objectStore("sent").delete(entry.id);
  }, person);
}

/** SHA-256 of the UTF-8 bytes, in hex, as receipts carry it. */
export async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
