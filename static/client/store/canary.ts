/**
 * Each person's device id and last number, kept outside of her database: in the phone's small database, in
 * localStorage, in memory, and by the ward. A browser that mends a damaged store by an empty or an older one says
 * nothing; these say it.
 *
 * A mark is written after the number is on the disk, so it is never ahead of a database in which nothing was lost.
 */

import { phoneFact, setPhoneFact } from "./database";

export interface Mark {
  device: string;
  seq: number;
}

const memory = new Map<string, Mark>();
const place = (person: string) => `mark:${person}`;

/** The last number that anybody remembers to have been given out here for this person. */
export function lastKnown(person: string): Mark | null {
  return memory.get(person) ?? null;
}

/** All marks of a person that can be read, the highest first. */
export async function marks(person: string): Promise<Mark[]> {
  const second = await phoneFact<Mark>(place(person)).catch(() => undefined);
  return [memory.get(person), readLocal(person), second].filter((mark) => mark !== undefined).sort((a, b) => b.seq - a.seq);
}

/** Keep a mark in every place. Where one refuses, the others stand. */
export async function mark(person: string, made: Mark): Promise<void> {
  const known = memory.get(person);
  if (known && known.device === made.device && known.seq >= made.seq) return;
  memory.set(person, made);
  try {
    localStorage.setItem(place(person), `${made.seq} ${made.device}`);
  } catch {
    // No room, or not allowed.
  }
  await setPhoneFact(place(person), made).catch(() => undefined);
}

/** Whether anybody's mark lies here. */
export function hasMarks(): boolean {
  try {
    return Object.keys(localStorage).some((key) => key.startsWith(place("")));
  } catch {
    return false;
  }
}

function readLocal(person: string): Mark | undefined {
  try {
    const [, seq, device] = /^(\d+) (\S+)$/.exec(localStorage.getItem(place(person)) ?? "") ?? [];
    return device ? { seq: Number(seq), device } : undefined;
  } catch {
    return undefined;
  }
}

/** What a comparison shows, and which numbers are gone. */
export interface Finding {
  is: "fine" | "new" | "lost" | "rolled_back";
  from: number;
  to: number;
}

/** What the database says of itself (null when it is empty), beside what is remembered elsewhere. Pure. */
export function compare(here: Mark | null, known: Mark[]): Finding {
  const highest = known[0];
  if (!highest) return { is: here ? "fine" : "new", from: 0, to: 0 };
  if (highest.device !== here?.device) return { is: "lost", from: 1, to: highest.seq };
  return { is: highest.seq > here.seq ? "rolled_back" : "fine", from: here.seq + 1, to: highest.seq };
}
