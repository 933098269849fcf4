/** The ward's news of records, written into the read cache. */

import { isOpen } from "../lock/vault";
import { settled } from "../sync/settle";
import type { WardRecord } from "../types";
import { type SentEntry, type Writing, putFacts, use } from "./database";
import { type RecordRow, recordOf, recordRow, withOwn } from "./kept";
import { bare } from "./write-only";

/** One answer's news of records. `replace` when it is a page of everything, not of what changed. */
export interface Page {
  records: WardRecord[];
  gone: string[];
  more: boolean;
  replace: boolean;
}

export const NOTHING: Page = { records: [], gone: [], more: true, replace: false };

/** Copies as they will lie here: closing them up cannot wait inside a transaction, so it is done before. */
export interface Rows {
  settled: RecordRow[];
  /** Of so many entries. */
  count: number;
  records: RecordRow[];
  /** Some of the entries do not open any more, since their code was forgotten: only the ward can tell what they are. */
  isLost: boolean;
}

/** What the ward took (`taken`, oldest first) and sent makes of this phone's copies; null while the phone is shut. */
export async function closedUp(records: WardRecord[], taken: SentEntry[], person: string): Promise<Rows | null> {
  if (!isOpen()) return null;
  const made = new Map<string, WardRecord>();
  let isLost = false;
  for (const entry of taken) {
    const open = await withOwn(entry);
    if (entry.own && !open.body) {
      isLost = true;
      continue;
    }
    const next = settled(made.get(entry.record) ?? (await copyOf(entry.record, person)), open, person);
    if (next) made.set(next.id, bare(next));
  }
  const rows = (all: WardRecord[]) => Promise.all(all.map(recordRow));
  return { settled: await rows([...made.values()]), count: taken.length, records: await rows(records.map(bare)), isLost };
}

async function copyOf(id: string, person: string): Promise<WardRecord | null> {
  const row = await use((db) => db.get("records", id), person);
  return row ? recordOf(row) : null;
}

/**
 * Take in what the ward took (`believed`) and what it sent; drafts and outbox are not touched.
 *
 * The ward does not send back what it just took, so the phone settles that into its own copy; where it cannot (it is
 * shut) it notes so for later. A replacement of the whole cache takes away what no page of it confirmed, and only
 * after its last page.
 */
export async function applyRemote(tx: Writing, page: Page, believed: SentEntry[], rows: Rows | null): Promise<void> {
  if (rows?.count !== believed.length) for (const entry of believed) await tx.objectStore("sent").put({ ...entry, unsettled: true });
  if (!rows) return;
  const records = tx.objectStore("records");
  const facts = tx.objectStore("facts");
  const started = page.replace ? await records.getAllKeys() : ((await facts.get("replacing")) as string[] | null | undefined);
  const unconfirmed = new Set(started ?? []);
  const put = async (row: RecordRow) => {
    await records.put(row);
    unconfirmed.delete(row.id);
  };
  if (rows.count === believed.length) for (const row of rows.settled) await put(row);
  if (page !== NOTHING) for (const row of rows.records) await put(row);
  for (const id of page.gone) await records.delete(id);
  if (!page.more) for (const id of unconfirmed) await records.delete(id);
  await facts.put(page.more && started ? [...unconfirmed] : null, "replacing");
}

/** Let go of the ward's copies: all of them come again, since everything is asked for anew. */
export async function forgetCopies(tx: Writing): Promise<void> {
  await tx.objectStore("records").clear();
  await putFacts(tx, { cursor: null, replacing: null, digestDay: null });
}
