/** Where the phone is, as GPS says it, each time with its accuracy. */

import type { Point } from "../types";

export type PlaceFailure = "refused" | "unknown";

const PATIENCE = 45_000;

/** Watch the position; `fail` is told once, when it is refused or cannot be found. Returns what stops it. */
export function watchPlace(tell: (point: Point) => void, fail: (why: PlaceFailure) => void): () => void {
  if (!navigator.geolocation) {
    fail("unknown");
    return () => undefined;
  }
  const watch = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => tell(point(coords, timestamp)),
    (error) => fail(error.code === error.PERMISSION_DENIED ? "refused" : "unknown"),
    { enableHighAccuracy: true, maximumAge: 10_000, timeout: PATIENCE },
  );
  return () => navigator.geolocation.clearWatch(watch);
}

function point(coords: GeolocationCoordinates, timestamp: number): Point {
  const six = (n: number) => Math.round(n * 1e6) / 1e6;
  const at = new Date(timestamp).toISOString();
  return { lat: six(coords.latitude), lon: six(coords.longitude), acc: Math.round(coords.accuracy), how: "gps", at };
}
