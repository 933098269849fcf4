/** What counts as our server's word, and what as no signal. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { gunzipSync } from "node:zlib";

import { Failed, Offline } from "../../static/client/sync/protocol";
import { stopTalking, talk } from "../../static/client/sync/talk";

const real = globalThis.fetch;
let asked: RequestInit = {};

function answering(answer: () => Response | Promise<Response>): void {
  globalThis.fetch = (_, init) => {
    asked = init ?? {};
    return Promise.resolve().then(answer);
  };
}

const json = (value: unknown, init: ResponseInit = {}, type = "application/json") =>
  new Response(JSON.stringify(value), { ...init, headers: { ...init.headers, "Content-Type": type } });

afterEach(() => {
  globalThis.fetch = real;
});

test("an HTML answer is a captive portal's, even with status 200", async () => {
  answering(() => new Response("<html>Wi-Fi", { headers: { "Content-Type": "text/html" } }));
  await assert.rejects(talk("/api/v1/sync", {}), Offline);
});

test("a redirect is not followed and counts as no signal", async () => {
  answering(() => Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" }));
  await assert.rejects(talk("/api/v1/sync", {}), Offline);
  assert.equal(asked.redirect, "manual");
});

test("no answer, and one that is cut short, count as no signal", async () => {
  answering(() => Promise.reject(new TypeError("network")));
  await assert.rejects(talk("/api/v1/sync", {}), Offline);
  answering(() => new Response('{"epoch": "e', { headers: { "Content-Type": "application/json" } }));
  await assert.rejects(talk("/api/v1/sync", {}), Offline);
});

test("a problem document keeps its code, fields and how long to wait", async () => {
  const problem = { code: "slow_down", detail: "Chờ một chút.", fields: [{ field: "code", code: "required" }] };
  answering(() => json(problem, { status: 429, headers: { "Retry-After": "30" } }, "application/problem+json"));
  await assert.rejects(talk("/api/v1/sign-in", {}), (error: unknown) => {
    assert.ok(error instanceof Failed);
    assert.deepEqual([error.code, error.status, error.retryAfter, error.fields.length], ["slow_down", 429, 30, 1]);
    return true;
  });
});

test("a gateway's page before a server that is down counts as no signal, and its Retry-After is heard", async () => {
  answering(() => new Response("<html>502", { status: 502, headers: { "Content-Type": "text/html", "Retry-After": "120" } }));
  await assert.rejects(talk("/api/v1/sync", {}), (error: unknown) => error instanceof Offline && error.retryAfter === 120);
});

for (const [what, status, type, body] of [
  ["a portal that asks for a login in JSON", 401, "application/json", '{"login": "please"}'],
  ["a portal's own JSON with status 200 under another type", 200, "text/json", "{}"],
  ["network authentication required", 511, "text/html", "<html>"],
  ["a proxy that refuses", 403, "text/html", "<html>"],
  ["a page without a type", 200, "", "ok"],
] as const) {
  test(`${what} counts as no signal, and signs nobody out`, async () => {
    answering(() => new Response(body, { status, headers: type ? { "Content-Type": type } : {} }));
    await assert.rejects(talk("/api/v1/sync", {}), Offline);
  });
}

test("whoever says that a request is too large, it is cut", async () => {
  answering(() => new Response("<html>413", { status: 413, headers: { "Content-Type": "text/html" } }));
  await assert.rejects(talk("/api/v1/sync", {}), { code: "too_large", status: 413 });
});

test("a moment to wait for may be given as a date", async () => {
  const date = new Date(Date.now() + 90_500).toUTCString();
  answering(() => json({ code: "not_ready" }, { status: 503, headers: { "Retry-After": date } }, "application/problem+json"));
  await assert.rejects(talk("/api/v1/sync", {}), (error: unknown) => error instanceof Failed && Math.abs(error.retryAfter! - 90) < 2);
});

test("nothing new is null, nothing at all undefined", async () => {
  answering(() => new Response(null, { status: 304 }));
  assert.equal(await talk("/api/v1/kit"), null);
  answering(() => new Response(null, { status: 204 }));
  assert.equal(await talk("/api/v1/sign-out", {}), undefined);
});

test("a body worth it travels packed, and unpacks to the same bytes", async () => {
  answering(() => json({}));
  const long = { changes: [{ body: "Ao làng ".repeat(500) }] };
  await talk("/api/v1/sync", long);
  assert.equal(new Headers(asked.headers).get("Content-Encoding"), "gzip");
  const bytes = new Uint8Array(asked.body as ArrayBuffer);
  assert.ok(bytes.length < 500);
  assert.deepEqual(JSON.parse(gunzipSync(bytes).toString()), long);
});

test("requests on their way end when the person leaves", async () => {
  globalThis.fetch = (_, init) => new Promise((_resolve, reject) => init!.signal!.addEventListener("abort", () => reject(new Error("aborted"))));
  const waiting = talk("/api/v1/kit");
  await new Promise((resolve) => setTimeout(resolve, 5));
  stopTalking();
  await assert.rejects(waiting, Offline);
});
