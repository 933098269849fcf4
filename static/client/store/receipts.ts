/** What leaves the outbox, and what becomes of it: only a receipt for the very bytes takes an entry away. */

import type { Receipt } from "../types";
import { bytesOf } from "../sync/shut";
import { type OutboxEntry, type SentEntry, type Writing, putFacts, readAll, write } from "./database";
import { isWhole, sha256 } from "./outbox";

const KEPT_DAYS = 30;

/** A receipt as it came; its id is null when the ward could not read the body, and then only the hash names it. */
export type WireReceipt = Omit<Receipt, "got" | "record" | "kind" | "id"> & { id: string | null };

/** The entries under the hash of their bytes, to be compared with receipts. */
export async function hashed(entries: OutboxEntry[]): Promise<Map<string, OutboxEntry>> {
  return new Map(await Promise.all(entries.map(async (entry) => [await sha256(bytesOf(entry)), entry] as const)));
}

/** The entries for whose bytes the ward gave a receipt, in the order of the receipts. Pure. */
export function matching(batch: Map<string, OutboxEntry>, receipts: WireReceipt[], now: string): SentEntry[] {
  return receipts.flatMap((receipt) => {
    const entry = batch.get(receipt.sha256);
    if (!entry || (receipt.id !== null && receipt.id !== entry.id)) return [];
    const { id, record, kind } = entry;
    return [{ ...entry, receipt: { ...receipt, id, record, kind, got: now } }];
  });
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
  for (const { seq, receipt, ...entry } of matching(batch, receipts, now)) {
    const here = await tx.objectStore("outbox").get(seq);
    // The very text that lies here: sealed, open, or what is inside where this ward takes nothing sealed.
    if (!here || (bytesOf(here) !== bytesOf(entry) && here.body !== bytesOf(entry) && here.sealed?.hash !== receipt.sha256)) continue;
    const sent = { ...here, receipt };
    await tx.objectStore("sent").put(sent);
    await tx.objectStore("outbox").delete(sent.seq);
    await tx.objectStore("stuck").delete(sent.seq);
    believed.push(sent);
  }
  return believed;
}

/** The ward may have lost what it had: offer everything that is still kept again, byte for byte. */
export async function offerAgain(tx: Writing, kept: SentEntry[]): Promise<void> {
  for (const { receipt: _, ...entry } of kept) {
    await tx.objectStore("outbox").put(entry);
    await tx.objectStore("sent").delete(entry.id);
  }
  await putFacts(tx, { offered: [] });
}

/** Drop receipted changes older than 30 days. Unsent ones have no age. */
export async function forgetOld(now: Date, person?: string): Promise<void> {
  const limit = new Date(now.getTime() - KEPT_DAYS * 86_400_000).toISOString();
  const { values } = await readAll("sent", isWhole, person);
  const old = values.filter((entry) => entry.receipt.got < limit);
  if (!old.length) return;
  await write(["sent"], async (tx) => {
    for (const entry of old) await tx.objectStore("sent").delete(entry.id);
  }, person);
}
