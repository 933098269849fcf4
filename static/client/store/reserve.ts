/** The reserve: noise that lies where a record can lie when the phone is full (see room.ts). */

import { phoneFact, setPhoneFact } from "./database";
import type { Room } from "./room";

const RESERVE = 1_000_000;
/** So much must be free besides, or the reserve itself would be what fills the phone. */
const AMPLE = 20_000_000;

/** Lay the reserve by, where there is ample room; say how things stand. */
export async function layByReserve(): Promise<Room> {
  if (await phoneFact("reserve")) return "enough";
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota - usage < AMPLE) return "low";
  const bytes = new Uint8Array(RESERVE);
  // Noise, so that no file system packs it into nothing.
  for (let at = 0; at < RESERVE; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return setPhoneFact("reserve", new Blob([bytes])).then(() => "enough", () => "low");
}
