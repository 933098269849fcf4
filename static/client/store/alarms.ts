/** What this phone lost or noticed, in figures, until its person has read it and the ward has what can be had. */

import { type Writing, factIn, putFacts } from "./database";

/**
 * lost: the database was gone; rolled_back: it is an older one than before; hole: numbers that the ward never had
 * and that are not here any more; chain: the ward's log is not the one that this phone saw.
 */
export interface Alarm {
  kind: "lost" | "rolled_back" | "hole" | "chain";
  at: string;
  /** The numbers that were given out and are not here: from 1 or more; to 0 when none was. */
  from: number;
  to: number;
  /** Which of them the ward never got, as far as it has said (at most 50). */
  missing: number[];
  /** Whether it has spoken about all of them: it tells of numbers below the highest that came. */
  sure: boolean;
  /** When its person said that it was read (ISO). */
  read: string | null;
}

/** Add an alarm; one of the same kind that nobody has read yet grows instead. */
export async function raise(tx: Writing, alarm: Omit<Alarm, "read" | "missing" | "sure"> & { missing?: number[] }): Promise<void> {
  const alarms = (await factIn(tx, "alarms")) ?? [];
  const open = alarms.find((one) => one.kind === alarm.kind && !one.read);
  if (!open) alarms.push({ missing: [], sure: alarm.kind === "hole", read: null, ...alarm });
  else {
    open.from = Math.min(open.from, alarm.from);
    open.to = Math.max(open.to, alarm.to);
    open.missing = [...new Set([...open.missing, ...(alarm.missing ?? [])])];
    open.sure &&= alarm.kind === "hole";
  }
  await putFacts(tx, { alarms });
}
