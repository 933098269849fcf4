/** What the lock does to the store: everything closed up at once, nothing lost, work going up while it is shut. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { closeUp, settleLate } from "../../static/client/lock/closing";
import { weakness } from "../../static/client/lock/codes";
import { LEAST, affordable } from "../../static/client/lock/cost";
import { toWait } from "../../static/client/lock/delays";
import { disclose, enclose, hold } from "../../static/client/lock/vault";
import type { Lock } from "../../static/client/lock/wrap";
import { choose, fact, readAll, setFacts, write } from "../../static/client/store/database";
import * as drafts from "../../static/client/store/drafts";
import type { Draft } from "../../static/client/types";
import { Phone, Ward, opens, wardRecord } from "./phone";

const LOCK = { kind: "pin" } as Lock;
const draft = (id: string, name: string): Draft => ({ id, kind: "child", record: null, values: { name }, base: {}, section: 0, savedAt: id });
const other = () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

/** The raw bytes of a store, boxes as text. */
async function lies(store: "drafts" | "records"): Promise<string> {
  return JSON.stringify((await readAll(store)).values, (_, value: unknown) => (value instanceof ArrayBuffer ? Buffer.from(value).toString("latin1") : value));
}

/** A phone as the version before the lock left it: a draft and a record in the clear, one change unsent. */
async function before(): Promise<Phone> {
  const lan = await Phone.of("lan");
  await write(["drafts", "records"], async (tx) => {
    await tx.objectStore("drafts").put(draft("1", "Bé Gạo"));
    await tx.objectStore("records").put(wardRecord("r", { data: { title: "Ao đình" } }));
  });
  await lan.save({ title: "Hố ga" });
  return lan;
}

test("choosing a lock closes up what lay in the clear, and loses nothing", async () => {
  const lan = await before();
  await closeUp(lan.person, LOCK, false);
  assert.doesNotMatch((await lies("drafts")) + (await lies("records")), /Gạo|đình/);
  assert.deepEqual((await drafts.all()).map(({ values }) => values["name"]), ["Bé Gạo"]);
  assert.deepEqual((await lan.views()).map(({ data }) => data["title"]).sort(), ["Ao đình", "Hố ga"]);
  assert.deepEqual([(await fact("lock"))?.kind, (await lan.unsent()).length], ["pin", 1]);
});

test("a choice that fails half-way leaves everything as it was", async () => {
  const lan = await before();
  const spoilt = { ...LOCK, key: Symbol("x") as unknown as ArrayBuffer };
  await assert.rejects(closeUp(lan.person, spoilt, false));
  assert.match((await lies("drafts")) + (await lies("records")), /Gạo.*đình/s);
  assert.equal(await fact("lock"), undefined);
});

test("of two tabs that choose, the first one's lock stands", async () => {
  const lan = await before();
  await closeUp(lan.person, LOCK, false);
  await assert.rejects(closeUp(lan.person, { ...LOCK, kind: "phrase" }, false));
  assert.equal((await fact("lock"))?.kind, "pin");
});

test("a forgotten code costs the drafts; what waits stays, and the ward's copies are asked for again", async () => {
  const lan = await before();
  await closeUp(lan.person, LOCK, false);
  await setFacts({ cursor: "c" });
  const key = await other();
  hold({ data: key, read: key });
  await closeUp(lan.person, LOCK, true);
  assert.deepEqual([await drafts.all(), (await lan.unsent()).length, await fact("cursor")], [[], 1, null]);
  assert.deepEqual((await lan.views()).map(({ data }) => data["title"]), ["Hố ga"]);
});

test("while it is shut work goes up, nothing is put away, and the next opening finds it all", async () => {
  const lan = await Phone.of("lan");
  await lan.sync(new Ward());
  await lan.save({ title: "Ao" });
  hold(null);
  const ward = new Ward();
  ward.news = { records: [wardRecord("x")], more: true, cursor: "d" };
  await lan.sync(ward);
  assert.deepEqual([(await lan.unsent()).length, ward.trips, await fact("cursor"), await lies("records")], [0, 1, "c", "[]"]);
  opens();
  await settleLate(lan.person);
  assert.deepEqual((await lan.views()).map(({ data, status, ward: said }) => [data["title"], status, said]), [["Ao", "sent", "received"]]);
  await lan.hear({ records: [wardRecord("x")] });
  assert.equal((await lan.views()).length, 2);
});

test("a restored ward is heard while it is shut, once", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "Ao" });
  await lan.sync(new Ward());
  hold(null);
  const restored = new Ward();
  restored.news = { epoch: "f" };
  await lan.sync(restored);
  assert.deepEqual([restored.log.size, (await lan.unsent()).length, await fact("epoch")], [1, 0, "f"]);
});

test("without the key nothing is read and nothing is written", async () => {
  const lan = await Phone.of("lan");
  await drafts.put(draft("1", "Bé Gạo"));
  hold(null);
  assert.deepEqual(await drafts.all(), []);
  await assert.rejects(drafts.put(draft("2", "Bé Na")));
  await choose(null);
  await choose(lan.person);
  const key = await other();
  hold({ data: key, read: key });
  assert.deepEqual(await drafts.all(), []);
});

test("a box opens only where it was closed", async () => {
  opens();
  const box = await enclose("data", { name: "Bé Gạo" }, "drafts 1");
  assert.deepEqual(await disclose("data", box, "drafts 1"), { name: "Bé Gạo" });
  await assert.rejects(disclose("data", box, "drafts 2"));
  new Uint8Array(box.data)[3]! ^= 1;
  await assert.rejects(disclose("data", box, "drafts 1"));
});

test("waits grow with wrong codes, and a clock that was put back gains nothing", () => {
  const at = 1_000_000;
  assert.deepEqual([0, 2, 3, 4, 8, 50].map((count) => toWait({ count, at }, at) / 1000), [0, 0, 5, 15, 900, 1800]);
  assert.equal(toWait({ count: 4, at }, at + 14_000), 1000);
  assert.equal(toWait({ count: 4, at }, at + 16_000), 0);
  assert.equal(toWait({ count: 4, at }, at - 9e9), 15_000);
});

test("codes that are guessed first will not do", () => {
  const weak = ["111111", "123456", "654321", "901234", "121212", "123123"];
  assert.deepEqual(weak.map((code) => weakness("pin", code)), weak.map(() => "weak"));
  assert.deepEqual(["482715", "48271", "48271a", "４８２７１５"].map((code) => weakness("pin", code)), [null, "short", "short", "short"]);
  assert.deepEqual(["nằm ấm hiên nhà", "ngắn", "aaaaaaaaaaaaaaa"].map((code) => weakness("phrase", code)), [null, "short", "weak"]);
});

test("a quick phone makes guesses dearer, a slow one keeps to the least", () => {
  assert.deepEqual([affordable(441), affordable(107), affordable(5)], [LEAST, { memory: 32 * 1024, passes: 2 }, { memory: 64 * 1024, passes: 3 }]);
});
