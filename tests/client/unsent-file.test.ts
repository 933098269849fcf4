/** Unsent work as a file: what is in it, and which way it leaves the phone. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as store from "../../static/client/store/database";
import { type UnsentFile, handOver, unsentFile } from "../../static/client/sync/unsent-file";
import type { Draft } from "../../static/client/types";
import { Phone } from "./phone";

const MADE = new Date("2026-06-03T02:12:44Z");
const FILE: UnsentFile = { format: "to-am-unsent/1", person: "p", device: "d", app: "a", made: MADE.toISOString(), changes: [] };

/** A browser with these abilities; what was shared and what was downloaded. */
async function inBrowser(has: { touch: boolean; types: string[]; share?: () => Promise<void> }, work: () => Promise<boolean>) {
  const shared: File[] = [];
  const saved: string[] = [];
  const share = async ({ files }: { files: File[] }) => {
    await has.share?.();
    shared.push(...files);
  };
  const canShare = ({ files }: { files: File[] }) => files.every((file) => has.types.includes(file.type));
  const link = { click: () => saved.push(link.download), download: "", href: "" };
  const stand = {
    navigator: has.types.length ? { share, canShare } : {},
    matchMedia: () => ({ matches: has.touch }),
    document: { createElement: () => link },
    setTimeout: () => 0,
  };
  const before = Object.keys(stand).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  for (const [name, value] of Object.entries(stand)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  try {
    return { done: await work(), shared: shared.map(({ name }) => name), saved };
  } finally {
    for (const [name, old] of before) if (old) Object.defineProperty(globalThis, name, old);
      else delete (globalThis as Record<string, unknown>)[name];
  }
}

const cancelled = () => Promise.reject(new DOMException("closed", "AbortError"));
const refused = () => Promise.reject(new DOMException("too late", "NotAllowedError"));

test("the file holds the exact texts that wait, signed, and nothing leaves the outbox", async () => {
  const phone = await Phone.of("lan");
  await phone.save({ name: "Ao đình làng" });
  const waits = await phone.unsent();
  const file = await unsentFile(phone.person, "build", MADE, []);
  assert.deepEqual(file.changes.map(({ body }) => body), waits.map(({ body }) => body));
  assert.match(file.changes[0]!.sig!, /^[\w-]{86}$/);
  assert.deepEqual({ ...file, changes: 0 }, { ...FILE, person: phone.person, device: await store.fact("device"), app: "build", changes: 0 });
  assert.deepEqual(await phone.unsent(), waits);
});

test("drafts stand apart, and only when they are asked for", async () => {
  const phone = await Phone.of("lan");
  const draft: Draft = { id: "d", kind: "child", record: null, values: { name: "Đức" }, base: {}, section: 0, savedAt: "" };
  assert.equal("drafts" in (await unsentFile(phone.person, "b", MADE, [])), false);
  assert.deepEqual((await unsentFile(phone.person, "b", MADE, [draft])).drafts, [draft]);
});

test("on a phone it goes by the share sheet, in a shape that the sheet takes", async () => {
  const json = await inBrowser({ touch: true, types: ["application/json", "text/plain"] }, () => handOver(FILE));
  assert.deepEqual(json, { done: true, shared: ["to-am-2026-06-03.json"], saved: [] });
  const text = await inBrowser({ touch: true, types: ["text/plain"] }, () => handOver(FILE));
  assert.deepEqual(text, { done: true, shared: ["to-am-2026-06-03.txt"], saved: [] });
});

test("without a sheet, on a PC, or when it does not open, it is a download", async () => {
  const saved = { done: true, shared: [], saved: ["to-am-2026-06-03.json"] };
  assert.deepEqual(await inBrowser({ touch: true, types: [] }, () => handOver(FILE)), saved);
  assert.deepEqual(await inBrowser({ touch: false, types: ["text/plain"] }, () => handOver(FILE)), saved);
  assert.deepEqual(await inBrowser({ touch: true, types: ["text/plain"], share: refused }, () => handOver(FILE)), saved);
});

test("a closed sheet is a no, not another way out", async () => {
  const closed = await inBrowser({ touch: true, types: ["text/plain"], share: cancelled }, () => handOver(FILE));
  assert.deepEqual(closed, { done: false, shared: [], saved: [] });
});
