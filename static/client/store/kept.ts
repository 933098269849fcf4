/**
 * Drafts and the ward's copies as they lie here: closed up under this person's keys. Before there was a lock they lay
 * open; such rows are read as they are until the lock is chosen, which closes them all up at once.
 */

import { type Box, disclose, enclose, isHeld } from "../lock/vault";
import type { Draft, WardRecord } from "../types";

export type DraftRow = Draft | { id: string; box: Box };
/** The version stays readable: once a day phone and ward compare what they hold. */
export type RecordRow = WardRecord | { id: string; version: number; box: Box };

export async function draftRow(draft: Draft): Promise<DraftRow> {
  return { id: draft.id, box: await enclose("data", draft, `drafts ${draft.id}`) };
}

export async function draftOf(row: DraftRow): Promise<Draft> {
  return "box" in row ? disclose<Draft>("data", row.box, `drafts ${row.id}`) : row;
}

export async function recordRow(record: WardRecord): Promise<RecordRow> {
  const { id, version } = record;
  return { id, version, box: await enclose("read", record, `records ${id}`) };
}

export async function recordOf(row: RecordRow): Promise<WardRecord> {
  return "box" in row ? disclose<WardRecord>("read", row.box, `records ${row.id}`) : row;
}

/** This phone's own copy of a change that is sealed: closed up, or as it is where there is no lock yet. */
export async function ownCopy(id: string, body: string): Promise<{ body: string; own?: Box }> {
  return isHeld() ? { body: "", own: await enclose("data", body, `own ${id}`) } : { body };
}

/** An entry with its own copy open, as far as it opens. */
export async function withOwn<E extends { id: string; body: string; own?: Box }>(entry: E): Promise<E> {
  return entry.own ? { ...entry, body: await disclose<string>("data", entry.own, `own ${entry.id}`).catch(() => "") } : entry;
}

export const withOwns = <E extends { id: string; body: string; own?: Box }>(entries: E[]): Promise<E[]> => Promise.all(entries.map(withOwn));

/** All that open, in their order: one spoilt row hides no other. */
export async function opened<R, T>(rows: R[], open: (row: R) => Promise<T>): Promise<T[]> {
  const tried = await Promise.allSettled(rows.map(open));
  return tried.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}
