/** How many photos of a record have gone, in figures. Reads what lies on this phone. */

import { photosOf } from "../forms/answers";
import { photos } from "../state";
import type { View } from "../types";
import type { LaterKey } from "../words";

/** Of the photos that this phone sends for a record and that it still names: all, and those that the ward keeps. */
export function countsOf(view: View): { here: number; sent: number } {
  const named = new Set(Object.values(view.data).flatMap(photosOf).map(({ id }) => id));
  const rows = photos.value.filter((row) => row.draft === null && named.has(row.id));
  return { here: rows.length, sent: rows.filter((row) => row.kept).length };
}

/** Why a photo does not go up. */
export function faultWords(code: string): LaterKey {
  if (code === "refused" || code === "damaged_here") return `phone.photo.state.${code}`;
  return "phone.photo.state.later";
}
