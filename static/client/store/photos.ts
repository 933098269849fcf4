/**
 * Photos on this phone. A photo lies here from the moment it was taken, beside the draft that names it; with the save
 * of its record, in the same transaction, it begins to wait for the ward. It leaves when the ward keeps it, or when
 * its person takes it out of the form; nothing else takes it away.
 */

import { photosOf } from "../forms/answers";
import type { Values, View } from "../types";
import { type PhotoFile, type PhotoRow, type PhotoShut, type Writing, readAll, use } from "./database";
import { isWriteOnly } from "./write-only";

/** What lies here of photos, in the order in which they were taken. */
export async function photoRows(person?: string): Promise<PhotoRow[]> {
  const { values } = await readAll("photos", (row) => typeof row?.record === "string", person);
  return values.sort((a, b) => a.at.localeCompare(b.at));
}

/** The bytes of a photo, as whoever shows, sends or gives them out reads them; undefined when none lie here. */
export function photoFile(id: string, person?: string): Promise<PhotoFile | undefined> {
  return use((db) => db.get("files", id), person);
}

/**
 * Of these photos those that go up for a record and that it still names: all, and those that the ward keeps. A record
 * that stays shut here names nothing any more: all that were taken for it.
 */
export function counted(rows: PhotoRow[], { id, kind, data }: Pick<View, "id" | "kind" | "data">): { here: number; sent: number } {
  const named = new Set(Object.values(data).flatMap(photosOf).map((photo) => photo.id));
  const isShut = isWriteOnly(kind);
  const own = rows.filter((row) => row.draft === null && (isShut ? row.record === id : named.has(row.id)));
  return { here: own.length, sent: own.filter((row) => row.kept).length };
}

/** Whether a photo still has to go to the ward. */
export const waits = (row: PhotoRow): boolean => row.draft === null && row.kept === null;

/** How the photos of a form are shut once they wait for the ward. It cannot be made in the save's own transaction. */
export async function readied(draft: string, person: string): Promise<Map<string, PhotoShut>> {
  const rows = (await photoRows(person)).filter((row) => row.draft === draft && row.shut);
  if (!rows.length) return new Map();
  const { forWard } = await import("../photos/keys");
  const made = await Promise.all(rows.map(async (row) => [row.id, await forWard(row, person)] as const));
  return new Map(made.flatMap(([id, shut]) => (shut ? [[id, shut]] : [])));
}

/**
 * With the save of a form: what it names waits for the ward from now on, what it does not name any more goes.
 * The change without photos whose bytes are not here: nobody may be told of what can never come.
 */
export async function enrol(tx: Writing, change: Record<string, unknown>, draft: string | null, ready: Map<string, PhotoShut> = new Map()): Promise<Record<string, unknown>> {
  const set = change["set"] as Values | undefined;
  if (!draft || !set) return change;
  const lost = new Set<string>();
  for (const row of await tx.objectStore("photos").index("record").getAll(String(change["record"]))) {
    const isNamed = photosOf(set[row.field]).some(({ id }) => id === row.id);
    if (row.draft === draft && isNamed) {
      if (await tx.objectStore("files").getKey(row.id)) await tx.objectStore("photos").put({ ...row, draft: null, ...(ready.has(row.id) && { shut: ready.get(row.id)! }) });
      else lost.add(row.id);
    } else if (row.draft === draft || (waits(row) && row.field in set && !isNamed)) await forget(tx, row.id);
  }
  if (!lost.size) return change;
  const whole = Object.entries(set).map(([name, value]) => [name, photosOf(value).length ? photosOf(value).filter(({ id }) => !lost.has(id)) : value]);
  return { ...change, set: Object.fromEntries(whole) };
}

/** A draft is thrown away, and with it the photos that were taken for it. */
export async function forgetDraft(tx: Writing, draft: string): Promise<void> {
  for (const row of await tx.objectStore("photos").getAll()) if (row.draft === draft) await forget(tx, row.id);
}

export async function forget(tx: Writing, id: string): Promise<void> {
  await tx.objectStore("photos").delete(id);
  await tx.objectStore("files").delete(id);
}
