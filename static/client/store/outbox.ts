/** What waits for the ward. An outbox is not a cache: an entry leaves only by its receipt. */

import type { Receipt } from "../types";
import { type OutboxEntry, type SentEntry, type Writing, use, write } from "./database";

const KEPT_DAYS = 30;

/** Everything unsent, oldest first. */
export function waiting(): Promise<OutboxEntry[]> {
  return use((db) => db.getAll("outbox"));
}

/** What has a receipt, of one record or of all, newest first. */
export async function receipted(record?: string): Promise<SentEntry[]> {
  const entries = await use((db) => (record ? db.getAllFromIndex("sent", "record", record) : db.getAll("sent")));
  return entries.sort((a, b) => b.receipt.got.localeCompare(a.receipt.got));
}

/**
 * Put a change in the outbox within `tx`, under the next number of this device.
 * Returns the entry; it is safe only when the transaction has completed.
 */
export async function enqueue(tx: Writing, change: Record<string, unknown>): Promise<OutboxEntry> {
  const facts = tx.objectStore("facts");
  const seq = (((await facts.get("seq")) as number | undefined) ?? 0) + 1;
  const id = change["id"] as string;
  const { id: _, ...rest } = change;
  const body = JSON.stringify({ id, seq, ...rest });
  const entry: OutboxEntry = {
    seq,
    id,
    body,
    record: change["record"] as string,
    kind: change["kind"] as string,
    at: change["at"] as string,
    sha256: "",
    tries: 0,
  };
  await facts.put(seq, "seq");
  await tx.objectStore("outbox").add(entry);
  return entry;
}

/**
 * Take away what the ward has receipted, and only if the receipt is for exactly these bytes.
 * Returns the receipts that were believed.
 */
export async function acknowledge(receipts: Omit<Receipt, "got" | "record" | "kind">[], now: string): Promise<SentEntry[]> {
  const entries = new Map((await waiting()).map((entry) => [entry.id, entry]));
  const hashes = new Map<string, string>();
  for (const entry of entries.values()) hashes.set(entry.id, await sha256(entry.body));
  return write(["outbox", "sent"], async (tx) => {
    const believed: SentEntry[] = [];
    for (const receipt of receipts) {
      const entry = entries.get(receipt.id);
      if (!entry || receipt.sha256 !== hashes.get(receipt.id)) continue;
      const sent = { ...entry, receipt: { ...receipt, record: entry.record, kind: entry.kind, got: now } };
      await tx.objectStore("sent").put(sent);
      await tx.objectStore("outbox").delete(entry.seq);
      believed.push(sent);
    }
    return believed;
  });
}

/** Drop receipted changes older than 30 days. Unsent ones have no age. */
export async function forgetOld(now: Date): Promise<void> {
  const limit = new Date(now.getTime() - KEPT_DAYS * 86_400_000).toISOString();
  await write(["sent"], async (tx) => {
    for (const entry of await tx.objectStore("sent").getAll()) {
      if (entry.receipt.got < limit) await tx.objectStore("sent").delete(entry.id);
    }
  });
}

/** SHA-256 of the UTF-8 bytes, in hex, as receipts carry it. */
export async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
