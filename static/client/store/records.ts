/** Records: what the ward sent, and what is saved here over it. */

import type { View, WardRecord } from "../types";
import { settled, view } from "../sync/rebase";
import { type OutboxEntry, type SentEntry, type Writing, use, write } from "./database";
import { enqueue } from "./outbox";

/** What the phone reads back is not what was written. */
export class NotSaved extends Error {}

/** One answer's news of records. `replace` when it is a page of everything, not of what changed. */
export interface Page {
  records: WardRecord[];
  gone: string[];
  more: boolean;
  replace: boolean;
}

/**
 * Save a change: outbox entry and removal of its draft in one strict transaction, then read back.
 * Only after that may anybody say "saved". Raises NotSaved when what lies on the disk is not what was written.
 */
export async function commit(change: Record<string, unknown>, draft: string | null): Promise<OutboxEntry> {
  const entry = await write(["facts", "outbox", "drafts"], async (tx) => {
    const made = await enqueue(tx, change);
    if (draft) await tx.objectStore("drafts").delete(draft);
    return made;
  });
  const kept = await use((db) => db.get("outbox", entry.seq));
  if (kept?.body !== entry.body) throw new NotSaved("the phone did not keep what was written");
  return entry;
}

/** Every record of this person's lists, with what waits here laid over it, newest first. */
export async function views(person: string): Promise<View[]> {
  const [records, outbox, sent] = await use((db) =>
    Promise.all([db.getAll("records"), db.getAll("outbox"), db.getAll("sent")]),
  );
  const waiting = byRecord(outbox);
  const receipted = byRecord(sent);
  const known = new Map(records.map((record) => [record.id, record]));
  const ids = new Set([...known.keys(), ...waiting.keys(), ...receipted.keys()]);
  const made = [...ids].map((id) => view(id, known.get(id) ?? null, waiting.get(id) ?? [], receipted.get(id) ?? [], person));
  return made.filter((one): one is View => one !== null).sort(newestFirst);
}

/** One record of this person's lists; null when it is not among them. */
export async function viewOf(id: string, person: string): Promise<View | null> {
  const [record, outbox, sent] = await use((db) =>
    Promise.all([
      db.get("records", id),
      db.getAllFromIndex("outbox", "record", id),
      db.getAllFromIndex("sent", "record", id),
    ]),
  );
  return view(id, record ?? null, outbox, sent, person);
}

export const newestFirst = (a: View, b: View) => b.changedAt.localeCompare(a.changedAt);

/**
 * Take in what the ward took (`believed`) and what it sent; drafts and outbox are not touched.
 *
 * The ward does not send back what it just took, so the phone settles that into its own copy. A replacement
 * of the whole cache takes away what no page of it confirmed, and only after its last page.
 */
export async function applyRemote(tx: Writing, page: Page, believed: SentEntry[], person: string): Promise<void> {
  const records = tx.objectStore("records");
  const facts = tx.objectStore("facts");
  const started = page.replace ? await records.getAllKeys() : ((await facts.get("replacing")) as string[] | null | undefined);
  const unconfirmed = new Set(started ?? []);
  for (const entry of believed) {
    const made = settled((await records.get(entry.record)) ?? null, entry, person);
    if (!made) continue;
    await records.put(made);
    unconfirmed.delete(made.id);
  }
  for (const record of page.records) {
    await records.put(record);
    unconfirmed.delete(record.id);
  }
  for (const id of page.gone) await records.delete(id);
  if (!page.more) for (const id of unconfirmed) await records.delete(id);
  await facts.put(page.more && started ? [...unconfirmed] : null, "replacing");
}

function byRecord<T extends { record: string }>(entries: T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const entry of entries) {
    const before = found.get(entry.record);
    if (before) before.push(entry);
    else found.set(entry.record, [entry]);
  }
  return found;
}
