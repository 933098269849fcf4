/** Records: what the ward sent, and what is saved here over it. */

import type { View } from "../types";
import { view } from "../sync/rebase";
import { mark } from "./canary";
import { type OutboxEntry, chosen, readAll, use, write } from "./database";
import { opened, recordOf } from "./kept";
import { PlaceLost, enqueue, isWhole, ofRecord } from "./outbox";
import { enrol } from "./photos";
import { device, takePlace } from "./place";
import { insist } from "./room";
import { bare } from "./write-only";

/** What the phone reads back is not what was written. */
export class NotSaved extends Error {}

/**
 * Save a change: outbox entry, its photos and the end of its draft in one strict transaction, then read back.
 * Only after that may anybody say "saved". Raises NotSaved when what lies on the disk is not what was written.
 */
export async function commit(change: Record<string, unknown>, draft: string | null): Promise<OutboxEntry> {
  const person = chosen()!;
  const entry = await insist(() => put(change, draft)).catch(async (error: unknown) => {
    if (!(error instanceof PlaceLost)) throw error;
    await takePlace(person, new Date());
    return put(change, draft);
  });
  const kept = await use((db) => db.get("outbox", entry.seq), person);
  if (kept?.body !== entry.body) throw new NotSaved("the phone did not keep what was written");
  void device().then((id) => mark(person, { device: id, seq: entry.seq }));
  return entry;
}

function put(change: Record<string, unknown>, draft: string | null): Promise<OutboxEntry> {
  return write(["facts", "outbox", "drafts", "photos", "files"], async (tx) => {
    const made = await enqueue(tx, await enrol(tx, change, draft));
    if (draft) await tx.objectStore("drafts").delete(draft);
    return made;
  });
}

/** Every record of this person's lists, with what waits here laid over it, newest first. */
export async function views(person: string): Promise<View[]> {
  const [rows, outbox, sent] = await Promise.all([readAll("records"), readAll("outbox", isWhole), readAll("sent", isWhole)]);
  const records = await opened(rows.values, recordOf);
  const waiting = byRecord(outbox.values);
  const receipted = byRecord(sent.values);
  const known = new Map(records.map((record) => [record.id, record]));
  const ids = new Set([...known.keys(), ...waiting.keys(), ...receipted.keys()]);
  const made = [...ids].map((id) => view(id, known.get(id) ?? null, waiting.get(id) ?? [], receipted.get(id) ?? [], person));
  return made.filter((one): one is View => one !== null).map(bare).sort(newestFirst);
}

/** One record of this person's lists; null when it is not among them. */
export async function viewOf(id: string, person: string): Promise<View | null> {
  const record = use((db) => db.get("records", id)).then((row) => row && recordOf(row)).catch(() => undefined);
  const [known, outbox, sent] = await Promise.all([record, ofRecord("outbox", id), ofRecord("sent", id)]);
  const made = view(id, known ?? null, outbox, sent, person);
  return made && bare(made);
}

export const newestFirst = (a: View, b: View) => b.changedAt.localeCompare(a.changedAt);

function byRecord<T extends { record: string }>(entries: T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const entry of entries) {
    const before = found.get(entry.record);
    if (before) before.push(entry);
    else found.set(entry.record, [entry]);
  }
  return found;
}
