/**
 * The service worker is a shelf: it serves the build's files and knows no business.
 *
 * GET only (Safari spoils POSTs that pass through a worker), but for what Android shares into the app, which goes
 * nowhere else (docs/decisions/0016); /api is left to the network. Its address never changes. A new version takes over
 * only when the page says so. It touches caches, never IndexedDB: what waits is sent by a file of its own
 * (static/client/sync/alone.ts), which is read when the browser says that there is signal.
 */

import { route } from "./routes";

declare const self: ServiceWorkerGlobalScope;
/** Filled in by the build: its id, and every file of the shell. */
declare const BUILD: string;
declare const SHELF: string[];
declare const SENDER: string;
/** What that file brings. */
declare const sender: { sendAlone(app: string): Promise<void> } | undefined;

const SHELL = "/app/";
const CACHE = `shelf-${BUILD}`;
const LAID_BY = "shared";
const MOST = 8;
const MOST_BYTES = 40_000_000;
const shelf = new Set([...SHELF, "/app/manifest.webmanifest"]);

self.addEventListener("install", (event) => {
  // Only what was read while installing may be read later, when there may be no network.
  importScripts(SENDER);
  event.waitUntil(fill());
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.add(new Request(SHELL, { cache: "reload" }));
  await cache.addAll([...shelf]);
}

self.addEventListener("activate", (event) => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

/** Keep this build's shelf and the one before it, whose pages may still be open. */
async function tidy(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith("shelf-") && name !== CACHE);
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const way = route(request.method, request.mode, new URL(request.url), self.location.origin, shelf);
  if (way === "network") return;
  if (way === "shared") return event.respondWith(layBy(request));
  event.respondWith(serve(way === "shell" ? SHELL : request));
});

/** Lay shared pictures by for the page, which asks what they are for; the newest only, and none that the app would refuse anyway. */
async function layBy(request: Request): Promise<Response> {
  const all = (await request.formData().catch(() => new FormData())).getAll("photos");
  const files = all.filter((one): one is File => one instanceof File && one.size > 0 && one.size <= MOST_BYTES).slice(0, MOST);
  await caches.delete(LAID_BY);
  const cache = await caches.open(LAID_BY);
  for (const [i, file] of files.entries()) {
    const headers = { "Content-Type": file.type, "Last-Modified": new Date(file.lastModified).toUTCString(), Date: new Date().toUTCString() };
    await cache.put(`${SHELL}shared/${i}`, new Response(file, { headers }));
  }
  return Response.redirect(`${SHELL}#/shared`, 303);
}

async function serve(request: Request | string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const anyWay = { ignoreVary: true };
  const kept = (await cache.match(request, anyWay)) ?? (await caches.match(request, anyWay));
  return kept ?? fetch(request);
}

self.addEventListener("message", (event) => {
  if (event.data === "take-over") void self.skipWaiting();
});

// Signal is back, or a page went out of sight with work left: whoever is in front of somebody sends, else the worker does.
self.addEventListener("sync", (event) => {
  (event as ExtendableEvent).waitUntil(send());
});

async function send(): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window" });
  for (const page of pages) page.postMessage("sync");
  if (pages.some((page) => page.visibilityState === "visible")) return;
  if (typeof sender === "undefined") importScripts(SENDER);
  await sender!.sendAlone(BUILD);
}
