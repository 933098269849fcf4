/** Where a photo was taken that does not say so itself: here, if it was taken just now and this phone may know. */

import type { Point } from "../types";

const JUST_NOW = 180_000;
const PATIENCE = 5_000;

/** The phone's place for a photo of this moment; null when it is older, or the place is not to be had at once. Never asks. */
export async function whereNow(taken: string): Promise<Point | null> {
  if (Math.abs(Date.now() - Date.parse(taken)) > JUST_NOW || !navigator.geolocation) return null;
  const allowed = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  if (allowed?.state !== "granted") return null;
  return new Promise((resolve) => {
    const six = (n: number) => Math.round(n * 1e6) / 1e6;
    navigator.geolocation.getCurrentPosition(
      ({ coords, timestamp }) => resolve({
        lat: six(coords.latitude), lon: six(coords.longitude), acc: Math.round(coords.accuracy), how: "gps", at: new Date(timestamp).toISOString(),
      }),
      () => resolve(null),
      { maximumAge: 120_000, timeout: PATIENCE, enableHighAccuracy: false },
    );
  });
}
