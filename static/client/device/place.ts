/** Where the phone is, as GPS says it, each time with its accuracy. */

export type PlaceFailure = "refused" | "unknown";

/** What GPS said once: degrees, metres, milliseconds since 1970. */
export interface Reading {
  lat: number;
  lon: number;
  acc: number;
  at: number;
}

const PATIENCE = 45_000;

/** Watch the position; `fail` is told when it is refused or cannot be found. Returns what stops it. */
export function watchPlace(tell: (reading: Reading) => void, fail: (why: PlaceFailure) => void): () => void {
  if (!navigator.geolocation) {
    fail("unknown");
    return () => undefined;
  }
  const watch = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => tell({ lat: coords.latitude, lon: coords.longitude, acc: coords.accuracy, at: timestamp }),
    (error) => fail(error.code === error.PERMISSION_DENIED ? "refused" : "unknown"),
    { enableHighAccuracy: true, maximumAge: 10_000, timeout: PATIENCE },
  );
  return () => navigator.geolocation.clearWatch(watch);
}

/** Whether the position may be asked for without a question to the person. */
export async function mayWatch(): Promise<boolean> {
  const state = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  return state?.state === "granted";
}
