/** A full phone: words are saved first, lists go first, the outbox never. */

import "fake-indexeddb/auto";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import * as store from "../../static/client/store/database";
import * as drafts from "../../static/client/store/drafts";
import { layByReserve } from "../../static/client/store/reserve";
import { type Room, isFull, watchRoom } from "../../static/client/store/room";
import type { Draft } from "../../static/client/types";
import { leave, lies, unlimited, watchDisk } from "./disk";
import { Phone, Ward, wardRecord } from "./phone";

let said: Room[] = [];
const long = (title: string) => ({ title, note: "ạ".repeat(1_000) });

beforeEach(async () => {
  unlimited();
  said = [];
  watchRoom.changed = (room) => said.push(room);
  Object.defineProperty(globalThis, "navigator", { value: { storage: { estimate: async () => ({ usage: 0, quota: 1e9 }) } }, configurable: true });
  await store.dropPhoneFact("reserve");
});

watchDisk();

test("a million bytes are laid by where there is ample room, once, and nowhere else", async () => {
  assert.equal(await layByReserve(), "enough");
  assert.equal(lies("to-am/facts/reserve"), 1_000_000);
  assert.equal(await layByReserve(), "enough");
  await store.dropPhoneFact("reserve");
  Object.defineProperty(globalThis, "navigator", { value: { storage: { estimate: async () => ({ usage: 9e8, quota: 9.1e8 }) } }, configurable: true });
  assert.equal(await layByReserve(), "low");
  assert.equal(lies("to-am/facts/reserve"), 0);
});

test("on a full phone hundreds of records are still saved, and it is said that room is low", async () => {
  const lan = await Phone.of("lan");
  await layByReserve();
  leave(0);
  for (let i = 0; i < 200; i++) await lan.save(long(`Ao ${i}`));
  assert.deepEqual([(await lan.unsent()).length, said], [200, ["low"]]);
});

test("a draft is worth the reserve, too", async () => {
  await Phone.of("lan");
  await layByReserve();
  leave(0);
  const draft: Draft = { id: "1", kind: "child", record: null, values: { name: "Bé Na" }, base: {}, section: 0, savedAt: "1" };
  await drafts.put(draft);
  assert.deepEqual([await drafts.get("1"), said], [draft, ["low"]]);
});

test("without a reserve the lists go, then a save fails: it says so, keeps the draft, uses no number, and nothing of the outbox goes", async () => {
  const lan = await Phone.of("lan");
  await lan.hear({ records: Array.from({ length: 30 }, (_, i) => wardRecord(`w${i}`, { data: long("Hồ") })) });
  await lan.save(long("Ao đầu"));
  await drafts.put({ id: "1", kind: "child", record: null, values: { name: "Bé Na" }, base: {}, section: 0, savedAt: "1" });
  leave(100);
  let saved = 1;
  await assert.rejects(async () => {
    for (;;) {
      await lan.save(long(`Ao ${saved}`));
      saved += 1;
    }
  }, isFull);
  assert.ok(saved > 10, `${saved} records fitted into the place of the lists`);
  assert.deepEqual([...new Set(said)], ["low", "short", "full"]);
  const unsent = await lan.unsent();
  assert.deepEqual(unsent.map(({ seq }) => seq), Array.from({ length: saved }, (_, i) => i + 1));
  assert.equal((await drafts.all()).length, 1);
  assert.equal(await store.fact("cursor"), undefined, "the lists are asked for again");
  unlimited();
  await lan.save({ title: "sau khi xóa bớt ảnh" });
  assert.equal((await lan.unsent()).at(-1)!.seq, saved + 1);
  const ward = new Ward();
  await lan.sync(ward);
  assert.deepEqual([ward.log.size, (await lan.unsent()).length], [saved + 1, 0]);
});

test("news that does not fit costs no receipt: what the ward took leaves the outbox, the rest comes another time", async () => {
  const lan = await Phone.of("lan");
  await lan.hear({ records: [wardRecord("w")] });
  const cursor = await store.fact("cursor");
  await lan.save({ title: "Ao" });
  leave(3_000);
  const ward = new Ward();
  ward.news = { cursor: "further", records: [wardRecord("big", { data: { title: "x".repeat(20_000) } })] };
  await assert.rejects(lan.sync(ward), isFull);
  assert.deepEqual([(await lan.unsent()).length, await store.fact("cursor")], [0, cursor]);
  assert.deepEqual((await lan.views()).map((one) => one.data["title"]).sort(), ["Ao", "w"]);
  unlimited();
  await lan.sync(ward);
  assert.equal((await lan.views()).length, 3);
});
