/** What the first screen does not need: a chunk of its own, on the shelf like the rest, fetched when the phone is idle. */

import { signal } from "@preact/signals";

type Later = typeof import("./screens/later");

/** The later screens; null until they are here. */
export const later = signal<Later | null>(null);
/** Their file did not come. The page's own version may be gone: loading it anew helps. */
export const laterFailed = signal(false);

let fetching: Promise<void> | null = null;

/** Fetch the later screens, once; again after a failure. Never rejects. */
export function fetchLater(): Promise<void> {
  fetching ??= import("./screens/later").then(
    (screens) => {
      later.value = screens;
      laterFailed.value = false;
    },
    () => {
      fetching = null;
      laterFailed.value = true;
    },
  );
  return fetching;
}
