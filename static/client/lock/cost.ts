/**
 * How dear one guess is made. argon2id (RFC 9106); the least is what OWASP asks for, and more where this phone is quick:
 * whoever copied the flash pays for every guess, her owner only once. Pure but for the measuring.
 */

export interface Cost {
  /** KiB */
  memory: number;
  passes: number;
}

/** In the order of the work they make. */
const STEPS: Cost[] = [[19, 2], [32, 2], [32, 3], [46, 3], [64, 3]].map(([mib, passes]) => ({ memory: mib! * 1024, passes: passes! }));
/** Milliseconds that its owner may wait. */
const MOST = 250;

export const LEAST: Cost = STEPS[0]!;
const work = ({ memory, passes }: Cost) => memory * passes;

/** The dearest that this phone can do in a quarter of a second, when the least took it so many milliseconds. */
export function affordable(least: number): Cost {
  return STEPS.filter((step) => (least * work(step)) / work(LEAST) <= MOST).at(-1) ?? LEAST;
}
