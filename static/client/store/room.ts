/**
 * Room for what is written by hand. A reserve lies in the phone's small database; when a write finds the phone full
 * it is given up, and after it the lists that the ward can send again. What waits for the ward is never touched.
 */

import { dropPhoneFact, write } from "./database";

/** enough; low: the reserve is gone; short: the lists are gone as well; full: a write failed nevertheless. */
export type Room = "enough" | "low" | "short" | "full";

/** What the page wants to hear when the phone runs out of room. */
export const watchRoom = { changed: (_: Room): void => undefined };

/** Write something that a person typed: where there is no room, make some and try again. */
export async function insist<T>(put: () => Promise<T>): Promise<T> {
  for (const [room, make] of [["low", giveUpReserve], ["short", giveUpLists]] as const) {
    try {
      return await put();
    } catch (error) {
      if (!isFull(error)) throw error;
      watchRoom.changed(room);
      await make().catch(() => undefined);
    }
  }
  return put().catch((error: unknown) => {
    if (isFull(error)) watchRoom.changed("full");
    throw error;
  });
}

/** Whether a write failed for want of room. */
export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}

/** The ward's map (map/ward-file.ts) can be fetched again. */
const MAP = "ward-map";

async function giveUpReserve(): Promise<void> {
  await dropPhoneFact("reserve");
  if (typeof caches !== "undefined") await caches.delete(MAP).catch(() => undefined);
  await giveUpKept().catch(() => undefined);
}

/** Photos that the ward keeps: what lies here of them is only for looking at. */
function giveUpKept(): Promise<void> {
  return write(["photos", "files"], async (tx) => {
    for (const row of await tx.objectStore("photos").getAll()) if (row.kept) await tx.objectStore("files").delete(row.id);
  });
}

/** The records as the ward sent them: they come again, all of them, when there is room and signal. */
function giveUpLists(): Promise<void> {
  return write(["facts", "records"], async (tx) => {
    // Taken away and not put to null: on a full phone only that needs no room.
    await tx.objectStore("records").clear();
    await tx.objectStore("facts").delete("cursor");
    await tx.objectStore("facts").delete("replacing");
  });
}
