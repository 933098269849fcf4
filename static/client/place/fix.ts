/** What GPS says now, kept warm while a form asks for a place: readings gather before anybody presses. */

import { signal } from "@preact/signals";

import { type PlaceFailure, type Reading, mayWatch, watchPlace } from "../device/place";
import type { Point } from "../types";
import { average } from "./average";

/** The middle of the readings so far; null before the first. */
export const fix = signal<{ point: Point; count: number } | null>(null);
/** Why there is none. */
export const failure = signal<PlaceFailure | null>(null);

/** Long enough for an old phone under trees; a forgotten form must not empty its battery. */
const LONGEST = 240_000;
const MOST = 60;
let readings: Reading[] = [];
let stop: (() => void) | null = null;
let users = 0;
let end: ReturnType<typeof setTimeout> | undefined;

/** Watch as long as somebody looks, but not for ever. Returns what to call when one looks no more. */
export function look(): () => void {
  users++;
  begin();
  let left = false;
  return () => {
    if (left) return;
    left = true;
    if (!--users) rest();
  };
}

/** Begin to watch without a question: only where it was allowed before. Returns what ends it. */
export function warm(): () => void {
  let leave: (() => void) | null = null;
  let gone = false;
  void mayWatch().then((may) => {
    if (may && !gone) leave = look();
  });
  return () => {
    gone = true;
    leave?.();
  };
}

/** Forget what was read, and measure anew: she walked on, or wants to be sure. */
export function again(): void {
  rest();
  readings = [];
  fix.value = null;
  if (users) begin();
}

function begin(): void {
  clearTimeout(end);
  end = setTimeout(rest, LONGEST);
  failure.value = null;
  stop ??= watchPlace(take, (why) => {
    if (!fix.value) failure.value = why;
    if (why === "refused") rest();
  });
}

function take(reading: Reading): void {
  readings = [...readings.slice(1 - MOST), reading];
  failure.value = null;
  fix.value = average(readings);
}

function rest(): void {
  clearTimeout(end);
  stop?.();
  stop = null;
}
