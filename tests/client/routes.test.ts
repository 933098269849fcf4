/** What the service worker answers itself, and what it leaves alone. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { route } from "../../service_worker/routes";

const shelf = new Set(["/assets/app-1.js", "/app/manifest.webmanifest"]);
const way = (method: string, mode: string, url: string) => route(method, mode, new URL(url, "https://to.am"), "https://to.am", shelf);

for (const [method, mode, url, wanted] of [
  ["GET", "navigate", "/app/", "shell"],
  ["GET", "navigate", "/app/?from=home", "shell"],
  ["GET", "navigate", "/desk/", "network"],
  ["GET", "cors", "/assets/app-1.js", "shelf"],
  ["GET", "cors", "/app/manifest.webmanifest", "shelf"],
  ["GET", "cors", "/assets/of-the-build-before.js", "shelf"],
  ["GET", "cors", "/api/v1/kit", "network"],
  ["POST", "cors", "/api/v1/sync", "network"],
  ["POST", "navigate", "/app/", "network"],
  ["POST", "navigate", "/app/shared", "shared"],
  ["POST", "cors", "/app/shared", "network"],
  ["GET", "navigate", "/app/shared", "network"],
  ["POST", "navigate", "https://elsewhere.vn/app/shared", "network"],
  ["GET", "cors", "https://elsewhere.vn/assets/app-1.js", "network"],
] as const) {
  test(`${method} ${mode} ${url}: ${wanted}`, () => assert.equal(way(method, mode, url), wanted));
}
