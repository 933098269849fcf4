/** One place out of several readings of a phone that stands still. Pure. */

import { distance } from "../map/geo";
import type { Reading } from "../device/place";
import type { Point } from "../types";


/** Older than the newest by more than this, and a reading says nothing of now. */
const FRESH = 60_000;
/** So many times less exact than the best one, and a reading that points elsewhere is a slip, not a step. */
const SLIP = 3;
const six = (n: number) => Math.round(n * 1e6) / 1e6;

/**
 * The middle of the readings, the more exact ones weighing more (1/acc²), and how many they are; null without any.
 *
 * A reading whose ring does not meet the middle's means that the phone has moved: what came before is forgotten.
 * `acc` is never better than that of the best reading, for errors of one place and hour are alike, and never less
 * than the readings are scattered.
 */
export function average(readings: readonly Reading[]): { point: Point; count: number } | null {
  const newest = readings.at(-1)?.at ?? 0;
  let used: Reading[] = [];
  for (const reading of readings) {
    if (newest - reading.at > FRESH) continue;
    if (!used.length || meets(used, reading)) used.push(reading);
    else if (reading.acc <= SLIP * best(used)) used = [reading];
  }
  if (!used.length) return null;
  const { lat, lon, spread } = middle(used);
  const acc = Math.max(1, Math.round(Math.max(best(used), spread)));
  const at = new Date(used.at(-1)!.at).toISOString();
  return { point: { lat: six(lat), lon: six(lon), acc, how: "gps", at }, count: used.length };
}

const best = (used: Reading[]) => Math.min(...used.map(({ acc }) => acc));

function meets(used: Reading[], reading: Reading): boolean {
  const here = middle(used);
  return distance(here, reading) <= Math.max(best(used), here.spread) + reading.acc;
}

function middle(used: Reading[]): { lat: number; lon: number; spread: number } {
  const weights = used.map(({ acc }) => 1 / Math.max(acc, 1) ** 2);
  const whole = weights.reduce((sum, one) => sum + one, 0);
  const mean = (of: (reading: Reading) => number) => used.reduce((sum, one, i) => sum + of(one) * weights[i]!, 0) / whole;
  const [lat, lon] = [mean((one) => one.lat), mean((one) => one.lon)];
  return { lat, lon, spread: Math.sqrt(mean((one) => distance({ lat, lon }, one) ** 2)) };
}
