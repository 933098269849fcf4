/** Records: what the ward sent, and what is saved here over it. */

import { type View, type WardRecord } from "../types";
import { view } from "../sync/rebase";
import { type OutboxEntry, use, write } from "./database";
import { enqueue } from "./outbox";

/** Marks the receipts of records that left this person's lists. */
const GONE = "gone:";

export class NotSaved extends Error {}

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
  const ids = new Set([...records.map((r) => r.id), ...outbox.map((e) => e.record), ...sent.map((e) => e.record)]);
  for (const id of ids) if (id.startsWith(GONE)) ids.delete(id);
  const known = new Map(records.map((record) => [record.id, record]));
  const made = [...ids].map((id) =>
    view(
      id,
      known.get(id) ?? null,
      outbox.filter((entry) => entry.record === id),
      sent.filter((entry) => entry.record === id),
      person,
    ),
  );
  return made.filter((v): v is View => v !== null).sort((a, b) => b.changedAt.localeCompare(a.changedAt));
}

/** Take in what the ward sent. `reset` empties the cache first; drafts and outbox are not touched. */
export async function applyRemote(
  page: { records: WardRecord[]; gone: string[]; cursor: string; epoch: string; reset: boolean },
  now: string,
): Promise<void> {
  await write(["records", "sent", "facts"], async (tx) => {
    const records = tx.objectStore("records");
    if (page.reset) await records.clear();
    for (const record of page.records) await records.put(record);
    for (const id of page.gone) {
      await records.delete(id);
      await forgetSent(tx.objectStore("sent"), id);
    }
    const facts = { cursor: page.cursor, epoch: page.epoch, lastReceived: now };
    for (const [name, value] of Object.entries(facts)) await tx.objectStore("facts").put(value, name);
  });
}

/** A record that is gone must not live on from its receipts; its bytes stay for a restore, unlinked from lists. */
async function forgetSent(
  sent: { index(name: "record"): { getAll(key: string): Promise<{ id: string; record: string }[]> }; put(value: never): Promise<unknown> },
  record: string,
): Promise<void> {
  for (const entry of await sent.index("record").getAll(record)) await sent.put({ ...entry, record: GONE + record } as never);
}
