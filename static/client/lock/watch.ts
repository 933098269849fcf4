/** Locks by itself: when nobody touched the phone for some minutes, and when the app was behind others for a while. Needs no signal. */

import { kit, session, shut } from "../state";

/** Where the ward has not said: minutes without a touch, seconds out of sight. Taking a photo or a call goes out of sight as well. */
const IDLE = 5;
const AWAY = 120;
const SOON = 1_000;

let touched = Date.now();
let left: number | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

const idle = () => (kit.value?.lock?.idle ?? IDLE) * 60_000;
const away = () => (kit.value?.lock?.away ?? AWAY) * 1000;

function touch(): void {
  touched = Date.now();
}

/** When it is to be locked; a clock that was put back counts as now. */
function due(now: number): number {
  const from = (since: number, wait: number) => (since > now ? now : since + wait);
  return Math.min(from(touched, idle()), left === null ? Infinity : from(left, away()));
}

function look(): void {
  clearTimeout(timer);
  if (!session.value) return;
  const rest = due(Date.now()) - Date.now();
  if (rest <= 0) void shut();
  else timer = setTimeout(look, rest + SOON);
}

/** Begin to watch, with the opening. */
export function watchOver(): void {
  touch();
  look();
}

for (const type of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(type, touch, { capture: true, passive: true });
document.addEventListener("visibilitychange", () => {
  if (document.hidden) left = Date.now();
  // Timers sleep behind other apps: what was due meanwhile happens before anything is seen.
  look();
  if (document.hidden) return;
  left = null;
  look();
});
