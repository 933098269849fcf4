/**
 * Which unsent entries go now. Each record has its own lane: behind an entry that does not go up, the later ones of
 * the same record wait, and nobody else. Pure.
 */

import type { OutboxEntry, StuckEntry } from "../store/database";
import { isDue } from "../store/stuck";

export interface Lanes {
  /** What goes up in the ordinary way, oldest first. */
  free: OutboxEntry[];
  /** What got stuck before and is to be tried again, the first of each record. */
  again: OutboxEntry[];
}

/**
 * Sort what waits; `tried` are numbers that this pass has sent already, without a receipt to believe. `shape` gives an
 * entry as it is to be sent, null when it cannot be for now.
 */
export function lanes(
  waiting: OutboxEntry[],
  stuck: StuckEntry[],
  tried: ReadonlySet<number>,
  now: Date,
  shape: (entry: OutboxEntry) => OutboxEntry | null = (entry) => entry,
): Lanes {
  const bad = new Map(stuck.map((entry) => [entry.seq, entry]));
  const closed = new Set<string>();
  const found: Lanes = { free: [], again: [] };
  for (const lying of waiting) {
    if (closed.has(lying.record)) continue;
    const entry = shape(lying);
    if (!entry) {
      closed.add(lying.record);
      continue;
    }
    const known = bad.get(entry.seq);
    if (!known && !tried.has(entry.seq)) {
      found.free.push(entry);
      continue;
    }
    closed.add(entry.record);
    if (known && !tried.has(entry.seq) && isDue(known, now)) found.again.push(entry);
  }
  return found;
}

/**
 * How many entries the next request may carry, while one that spoils its request is looked for by halving.
 * `window` are the entries among which it is: those of the last request that failed, less what went up since.
 */
export class Search {
  private window = 0;

  constructor(private cap: number) {}

  get most(): number {
    return this.window ? Math.max(1, Math.floor(this.window / 2)) : this.cap;
  }

  /** A request of `count` entries failed; `forGood` when no request may be as long again in this pass. */
  failed(count: number, forGood: boolean): void {
    this.window = count > 1 ? count : 0;
    if (forGood && count > 1) this.cap = Math.floor(count / 2);
  }

  /** A request of `count` entries went through. */
  passed(count: number): void {
    this.window = Math.max(0, this.window - count);
  }
}
