/**
 * Kinds that are write-only on a phone: once such a record is finished nobody opens it here, neither its writer nor
 * whoever holds the phone. Its number, its times and its state remain. The ward's words about it are content as well.
 */

import type { FormSpec, View, WardRecord } from "../types";

let closed: ReadonlySet<string> = new Set();

/** Who told us is asked for only where somebody can be harmed for it; see Kind.write_only in app/kinds/vocabulary.py. */
const asksWhoTold = (spec: FormSpec) => Object.values(spec.fields).some(({ sensitivity }) => sensitivity === "informant");

/** The forms of this phone, as they came. */
export function knowForms(kinds: FormSpec[]): void {
  closed = new Set(kinds.filter(asksWhoTold).map(({ kind }) => kind));
}

/** Whether a finished record of this kind stays shut on this phone. */
export const isWriteOnly = (kind: string): boolean => closed.has(kind);

/** What a phone may keep and show of a record. */
export function bare<R extends View | WardRecord>(record: R): R {
  if (!isWriteOnly(record.kind)) return record;
  const { review } = record;
  const pins = Object.keys(review?.pins ?? {}).map((field) => [field, ""]);
  return { ...record, data: {}, conflicts: [], problems: [], said: [], parent: null, review: review && { ...review, note: "", pins: Object.fromEntries(pins) } };
}
