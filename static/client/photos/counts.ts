/** How many photos of a record have gone, in figures. Reads what lies on this phone. */

import { photos } from "../state";
import { counted } from "../store/photos";
import type { View } from "../types";
import type { LaterKey } from "../words";

/** Of the photos that this phone sends for a record: all, and those that the ward keeps. */
export const countsOf = (view: View): { here: number; sent: number } => counted(photos.value, view);

/** Why a photo does not go up. */
export function faultWords(code: string): LaterKey {
  if (code === "refused" || code === "damaged_here") return `phone.photo.state.${code}`;
  return "phone.photo.state.later";
}
