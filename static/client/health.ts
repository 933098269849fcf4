/** How this phone itself is: what it lost, what does not go up, how much room there is, whether its store opens. */

import { computed, signal } from "@preact/signals";

import type { Alarm } from "./store/alarms";
import { Newer, watch } from "./store/connection";
import { type StuckEntry, fact } from "./store/database";
import { type Room, watchRoom } from "./store/room";
import { needsLook, stuckEntries } from "./store/stuck";
import type { Ended } from "./sync/protocol";

/** Why the store does not open; null when it does. `superseded`: a newer version took over in another tab. */
export type Trouble = "blocked" | "newer" | "superseded" | "upgrade" | "refused" | "full" | "unreadable";

export const trouble = signal<Trouble | null>(null);
export const alarms = signal<Alarm[]>([]);
export const stuck = signal<StuckEntry[]>([]);
export const room = signal<Room>("enough");
/** Why the ward ended this sign-in, once it has said so. */
export const ended = signal<Ended | null>(null);
/** The ward gave this person other groups, and nobody has read so yet. */
export const moved = signal(false);

/** Something was lost, and nobody has read about it yet: it comes before everything else. */
export const alarmed = computed(() => alarms.value.some((one) => !one.read));
/** The entries that somebody has to look at. */
export const toLookAt = computed(() => stuck.value.filter(needsLook));

/** What to do before the connection closes for a newer version: write what is in memory. */
export const beforeHandOver: (() => Promise<unknown>)[] = [];

watchRoom.changed = (now) => (room.value = now);
watch.blocked = (is) => {
  if (is) trouble.value = "blocked";
  else if (trouble.value === "blocked") trouble.value = null;
};
watch.handOver = async () => {
  await Promise.allSettled(beforeHandOver.map((work) => work()));
  trouble.value = "superseded";
};

/** Say why the store did not open. */
export function tellTrouble(error: unknown): void {
  const name = error instanceof Error ? error.name : "";
  if (error instanceof Newer) trouble.value = trouble.value ?? "newer";
  else if (name === "AbortError") trouble.value = "upgrade";
  else if (name === "QuotaExceededError") trouble.value = "full";
  else trouble.value = name === "SecurityError" || name === "InvalidStateError" ? "refused" : "unreadable";
}

/** Read it anew from the chosen person's store. */
export async function readHealth(): Promise<{ alarms: Alarm[]; stuck: StuckEntry[]; ended: Ended | null; moved: boolean }> {
  const [raised, held, why, other] = await Promise.all([fact("alarms"), stuckEntries(), fact("ended"), fact("moved")]);
  return { alarms: raised ?? [], stuck: held, ended: why ?? null, moved: other ?? false };
}
