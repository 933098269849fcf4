/** The ward's half of the read key: comes with contact, goes without it; and what a phone that was cut off lets go of. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { closeUp } from "../../static/client/lock/closing";
import { type Ask, ownReading, readingKey, renew } from "../../static/client/lock/reading";
import { hold, isOpen } from "../../static/client/lock/vault";
import { packed, unpacked, wipe } from "../../static/client/lock/wipe";
import type { Lock } from "../../static/client/lock/wrap";
import { fact, readAll, setFacts } from "../../static/client/store/database";
import * as drafts from "../../static/client/store/drafts";
import { Failed } from "../../static/client/sync/protocol";
import { KEY, Phone, Ward, wardRecord } from "./phone";

const HOUR = 3_600_000;
const T = Date.parse("2026-06-03T02:00:00Z");
const noise = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
const LOCK: Lock = { kind: "pin", memory: 19_456, passes: 2, salt: noise(16), iv: noise(12), key: noise(48).buffer };
const gives = (half: string): Ask => async () => ({ half, hours: 72 });
const ONE = gives("1".repeat(64));

/** Lan's phone with a lock, a half of its own, a draft and a record of the ward. */
async function locked(): Promise<Phone> {
  const lan = await Phone.of("lan");
  hold({ data: KEY, read: null });
  const { facts, key } = await ownReading(T);
  hold({ data: KEY, read: key });
  await closeUp(lan.person, LOCK, false, facts);
  await drafts.put({ id: "1", kind: "child", record: null, values: { name: "Bé Gạo" }, base: {}, section: 0, savedAt: "1" });
  await lan.hear({ records: [wardRecord("r", { data: { title: "Ao đình" } })] });
  return lan;
}

/** She types her code at this moment. */
async function opens(at: number): Promise<boolean> {
  hold({ data: KEY, read: null });
  hold({ data: KEY, read: await readingKey(at) });
  return isOpen();
}

const titles = async (lan: Phone) => (await lan.views()).map(({ data }) => data["title"]);

test("a phone reads until its half is too old, and goes on recording in the dark", async () => {
  const lan = await locked();
  assert.equal(await opens(T + 71 * HOUR), true);
  assert.deepEqual(await titles(lan), ["Ao đình"]);
  assert.equal(await opens(T + 73 * HOUR), false);
  await lan.save({ title: "Hố ga" });
  assert.deepEqual([await titles(lan), (await drafts.all()).length, await fact("half")], [["Hố ga"], 1, null]);
  // The clock put back afterwards brings nothing back.
  assert.equal(await opens(T + HOUR), false);
});

test("a clock that is put back before the half came does not make it last", async () => {
  const lan = await locked();
  assert.equal(await opens(T - 2 * HOUR), false);
  assert.deepEqual(await titles(lan), []);
});

test("the ward's half takes the place of the phone's own, and what was read stays readable", async () => {
  const lan = await locked();
  assert.equal(await renew(lan.person, T + HOUR, ONE), false);
  assert.equal(await opens(T + 72 * HOUR), true);
  assert.deepEqual(await titles(lan), ["Ao đình"]);
});

test("after the dark the same half brings everything back", async () => {
  const lan = await locked();
  await renew(lan.person, T, ONE);
  assert.equal(await opens(T + 100 * HOUR), false);
  assert.equal(await renew(lan.person, T + 100 * HOUR, ONE), true);
  assert.deepEqual([isOpen(), await titles(lan), (await readAll("records")).values.length], [true, ["Ao đình"], 1]);
});

test("another half, or one that never met the ward, costs the copies and nothing else", async () => {
  const lan = await locked();
  await setFacts({ cursor: "c" });
  assert.equal(await opens(T + 100 * HOUR), false);
  await lan.save({ title: "Hố ga" });
  assert.equal(await renew(lan.person, T + 100 * HOUR, gives("2".repeat(64))), true);
  assert.deepEqual([await titles(lan), await fact("cursor"), (await drafts.all()).length], [["Hố ga"], null, 1]);
  await lan.sync(new Ward());
  await lan.hear({ records: [wardRecord("r", { data: { title: "Ao đình" } })] });
  assert.equal((await titles(lan)).length, 2);
});

test("the ward is asked at most once an hour; one of before makes nobody blind", async () => {
  const lan = await locked();
  let asked = 0;
  const counted: Ask = async (question) => {
    asked += 1;
    return ONE(question);
  };
  for (const at of [T, T + 1000, T + HOUR / 2, T + 2 * HOUR]) await renew(lan.person, at, counted);
  assert.equal(asked, 2);
  const other = await locked();
  const unknown: Ask = () => Promise.reject(new Failed("not_found", 404));
  assert.equal(await renew(other.person, T + 70 * HOUR, unknown), false);
  assert.equal(await opens(T + 100 * HOUR), true);
});

test("without a lock there is nothing to ask for", async () => {
  const lan = await Phone.of("lan");
  assert.equal(await renew(lan.person, T, () => Promise.reject(new Error("asked"))), false);
});

test("a phone that was cut off has nothing left to read with, and its owner gets the lock back", async () => {
  const lan = await locked();
  await setFacts({ ended: "phone_revoked" });
  const told: string[] = [];
  await wipe(lan.person, "d", new Date(T), async ({ body }) => void told.push(body));
  const [lock, reading, half, wiped] = [await fact("lock"), await fact("reading"), await fact("half"), await fact("wiped")];
  assert.deepEqual([lock, reading, half, wiped, (await readAll("records")).values.length], [null, null, null, new Date(T).toISOString(), 0]);
  assert.equal((await readAll("drafts")).values.length, 1);
  await wipe(lan.person, "d", new Date(T), async ({ body }) => void told.push(body));
  assert.equal(told.length, 1);
  assert.deepEqual(unpacked((JSON.parse(told[0]!) as { lock: string }).lock), LOCK);
  assert.deepEqual(unpacked(packed(LOCK)), LOCK);
});

test("what a finger opens goes with the first word of being cut off, and never to the ward", async () => {
  const lan = await locked();
  const prf = { id: noise(32), salt: noise(32), iv: noise(12), key: noise(48).buffer };
  await setFacts({ ended: "phone_revoked", lock: { ...LOCK, prf } });
  const told: string[] = [];
  await assert.rejects(wipe(lan.person, "d", new Date(T), async ({ body }) => {
    told.push(body);
    throw new Error("no answer");
  }));
  assert.deepEqual(await fact("lock"), LOCK);
  assert.deepEqual(unpacked((JSON.parse(told[0]!) as { lock: string }).lock), LOCK);
});

test("a report that does not get through leaves the lock, and nothing that it could read", async () => {
  const lan = await locked();
  await setFacts({ ended: "phone_revoked" });
  await assert.rejects(wipe(lan.person, "d", new Date(T), () => Promise.reject(new Error("no answer"))));
  assert.deepEqual([(await fact("lock"))?.kind, await fact("half"), await fact("wiped") ?? null, (await readAll("records")).values.length], ["pin", null, null, 0]);
});
