/** How long to wait after wrong codes. Nothing is ever erased for them: a child may have played with the phone. Pure. */

const SECONDS = [0, 0, 0, 5, 15, 30, 60, 300, 900];
const LONGEST = 1_800;

export interface Tries {
  count: number;
  /** When the last one was given, milliseconds of this phone's clock. */
  at: number;
}

/** Milliseconds until the next try. A clock that was put back gains nothing: the wait is then whole again. */
export function toWait({ count, at }: Tries, now: number): number {
  const wait = (SECONDS[count] ?? LONGEST) * 1000;
  return Math.min(wait, Math.max(0, at + wait - now));
}
