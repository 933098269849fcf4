/** What is done to the store when a lock is laid down or opened. */

import { type Facts, type PersonSchema, type Writing, factIn, putFacts, readAll, write } from "../store/database";
import { draftRow, ownCopy, recordRow } from "../store/kept";
import { isWhole } from "../store/outbox";
import { forgetDraft } from "../store/photos";
import { closedUp, forgetCopies } from "../store/remote";
import { bare } from "../store/write-only";
import type { Lock } from "./wrap";

/** A lock lies here already: another tab was quicker. */
export class Locked extends Error {}

/**
 * Lay the lock down, and in the same step close up what lay here in the clear: all of it or nothing. `anew` when the code
 * before was forgotten: what it closed goes, drafts for good, the ward's copies until they come again. Throws Locked.
 */
export async function closeUp(person: string, lock: Lock, anew: boolean, more: Partial<Facts> = {}): Promise<void> {
  const [drafts, records] = await Promise.all([readAll("drafts", undefined, person), readAll("records", undefined, person)]);
  const lost = drafts.values.filter((row) => "box" in row).map(({ id }) => id);
  const draftRows = await Promise.all(drafts.values.flatMap((row) => ("box" in row ? [] : [draftRow(row)])));
  const recordRows = await Promise.all(records.values.flatMap((row) => ("box" in row ? [] : [recordRow(bare(row))])));
  const own = await Promise.all([ownRows("outbox", person), ownRows("sent", person)]);
  await write(["facts", "records", "drafts", "photos", "files", "outbox", "sent"], async (tx) => {
    if (!anew && (await factIn(tx, "lock"))) throw new Locked("another tab was quicker");
    if (anew) await letGo(tx, lost);
    for (const row of draftRows) await tx.objectStore("drafts").put(row);
    for (const row of recordRows) await tx.objectStore("records").put(row);
    for (const row of own[0]) if (await tx.objectStore("outbox").getKey(row.seq)) await tx.objectStore("outbox").put(row);
    for (const row of own[1]) if (await tx.objectStore("sent").getKey(row.id)) await tx.objectStore("sent").put(row);
    await putFacts(tx, { lock, tries: { count: 0, at: 0 }, wiped: null, ...more });
  }, person);
}

/** What is sealed, with this phone's own copy of it closed up. What is not sealed has to stay as it is, to be sent. */
async function ownRows<N extends "outbox" | "sent">(store: N, person: string): Promise<PersonSchema[N]["value"][]> {
  const open = (await readAll(store, isWhole, person)).values.filter(({ sealed, body }) => sealed && body);
  return Promise.all(open.map(async (entry) => ({ ...entry, ...(await ownCopy(entry.id, entry.body)) })));
}

async function letGo(tx: Writing, drafts: string[]): Promise<void> {
  for (const draft of drafts) {
    await forgetDraft(tx, draft);
    await tx.objectStore("drafts").delete(draft);
  }
  await forgetCopies(tx);
}

/** What the ward received while the phone was shut is laid into its own copies, now that they are open. */
export async function settleLate(person: string): Promise<void> {
  const late = (await readAll("sent", isWhole, person)).values.filter((entry) => entry.unsettled).sort((a, b) => a.seq - b.seq);
  const rows = late.length ? await closedUp([], late, person) : null;
  if (!rows) return;
  await write(["records", "sent", "facts"], async (tx) => {
    for (const row of rows.settled) await tx.objectStore("records").put(row);
    if (rows.isLost) await putFacts(tx, { cursor: null });
    for (const { unsettled: _, ...entry } of late) await tx.objectStore("sent").put(entry);
  }, person);
}
