/** When passes run, one at a time, and how long they wait after a failure. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { SomebodyElse } from "../../static/client/store/database";
import { Failed, Offline } from "../../static/client/sync/protocol";
import { type Mood, Schedule } from "../../static/client/sync/schedule";

let moods: Mood[] = [];
let waits: number[] = [];

beforeEach(() => {
  mock.restoreAll();
  // No Web Locks here: the schedule's own order is what is tried.
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  moods = [];
  waits = [];
  mock.method(globalThis, "setTimeout", (_: unknown, wait: number) => waits.push(wait));
  mock.method(globalThis, "clearTimeout", () => undefined);
});

const schedule = (pass: () => Promise<void>) => new Schedule(pass, (mood) => moods.push(mood), undefined, () => 0.5);
const failing = (error: Error) => schedule(() => Promise.reject(error));

test("no signal: waits twice as long each time, from a second to five minutes", async () => {
  const one = failing(new Offline("none"));
  for (let i = 0; i < 11; i++) await one.now();
  assert.deepEqual(waits.slice(0, 4), [1000, 2000, 4000, 8000]);
  assert.equal(waits.at(-1), 300_000);
  assert.equal(moods.at(-1), "offline");
});

test("the waits of many phones are spread", async () => {
  for (const [random, wait] of [[0, 500], [1, 1500]] as const) {
    waits = [];
    await new Schedule(() => Promise.reject(new Offline("none")), () => undefined, undefined, () => random).now();
    assert.deepEqual(waits, [wait]);
  }
});

test("success starts the waits over", async () => {
  let works = false;
  const one = schedule(() => (works ? Promise.resolve() : Promise.reject(new Offline("none"))));
  await one.now();
  await one.now();
  works = true;
  await one.now();
  works = false;
  await one.now();
  assert.deepEqual(waits, [1000, 2000, 240_000, 1000]);
});

test("a server that says how long to wait is believed", async () => {
  await failing(new Failed("not_ready", 503, 90)).now();
  assert.deepEqual([waits, moods.at(-1)], [[90_000], "trouble"]);
});

test("without a sign-in nothing is tried until somebody acts", async () => {
  await failing(new Failed("sign_in_needed", 401)).now();
  assert.deepEqual([waits, moods.at(-1)], [[], "needsSignIn"]);
});

test("a phone that changed hands says nothing about the person who left", async () => {
  await failing(new SomebodyElse("gone")).now();
  assert.deepEqual([waits, moods], [[], ["sending"]]);
});

test("passes never overlap; what is saved during one goes up in the next", async () => {
  let running = 0;
  let most = 0;
  let passes = 0;
  const one = schedule(async () => {
    passes += 1;
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  });
  const first = one.now();
  void one.now();
  void one.now();
  await first;
  await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
  assert.deepEqual([most, passes], [1, 2]);
});
