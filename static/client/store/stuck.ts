/** Entries of the outbox that do not go up by themselves although others do: kept, tried again, shown. */

import { type OutboxEntry, type StuckEntry, type Writing, readAll, write } from "./database";

const FIRST = 60_000;
const LONGEST = 30 * 60_000;
/** So often a server may stumble over an entry before its person is asked to look at it. */
const PATIENT = 3;

/** The code of an entry that this phone cannot read any more. */
export const UNREADABLE = "unreadable_here";

/** All of them, oldest first. */
export async function stuckEntries(person?: string): Promise<StuckEntry[]> {
  return (await readAll("stuck", undefined, person)).values;
}

/** Note that an entry failed for itself. The first time it goes again with the next pass; then ever more seldom. */
export async function noteStuck(tx: Writing, entry: Pick<OutboxEntry, "seq" | "record">, code: string, now: Date): Promise<void> {
  const before = await tx.objectStore("stuck").get(entry.seq);
  const tries = (before?.tries ?? 0) + 1;
  const wait = tries === 1 ? 0 : Math.min(LONGEST, FIRST * 2 ** (tries - 2));
  const since = before?.since ?? now.toISOString();
  const next = new Date(now.getTime() + wait).toISOString();
  await tx.objectStore("stuck").put({ seq: entry.seq, record: entry.record, code, tries, since, next });
}

/** Note several at once. */
export async function noteAllStuck(found: { entry: Pick<OutboxEntry, "seq" | "record">; code: string }[], now: Date, person?: string): Promise<void> {
  if (!found.length) return;
  await write(["stuck"], async (tx) => {
    for (const { entry, code } of found) await noteStuck(tx, entry, code, now);
  }, person);
}

/** Whether to try again. A time that lies further ahead than any wait comes from a clock that was wrong. */
export function isDue(entry: StuckEntry, now: Date): boolean {
  const ahead = Date.parse(entry.next) - now.getTime();
  return !(ahead > 0 && ahead <= LONGEST);
}

/** Whether its person should look: trying again will hardly help. */
export function needsLook({ code, tries }: StuckEntry): boolean {
  return tries >= PATIENT || code === UNREADABLE || code === "too_large";
}
