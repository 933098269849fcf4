/** The service worker's registration, and new versions: offered, never forced, never while a form is open. */

import { signal } from "@preact/signals";

/** A new version is downloaded and waits for consent. */
export const updateReady = signal(false);
/** The worker is active and everything that the app needs lies on this phone. */
export const shelfReady = signal(false);

let waitingWorker: ServiceWorker | null = null;

/** Register the worker under its one address. */
export async function watchUpdates(): Promise<void> {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  const registration = await workers.register("/sw.js", { scope: "/app/", updateViaCache: "none" });
  // An active worker has its whole shelf: it is only installed when all of it could be fetched.
  void workers.ready.then(() => (shelfReady.value = true));
  if (registration.waiting && workers.controller) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const found = registration.installing;
    found?.addEventListener("statechange", () => {
      if (found.state === "installed" && workers.controller) offer(found);
    });
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void registration.update().catch(() => undefined);
  });
}

function offer(worker: ServiceWorker): void {
  waitingWorker = worker;
  updateReady.value = true;
}

/** The person agreed: let the new version take over, then load it. */
export function applyUpdate(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waitingWorker?.postMessage("take-over");
}
