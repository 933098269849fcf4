/** Nothing leaves the outbox but by its receipt, whatever happens on the way. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as store from "../../static/client/store/database";
import * as drafts from "../../static/client/store/drafts";
import { receipted } from "../../static/client/store/outbox";
import { applyRemote } from "../../static/client/store/records";
import { Failed, Offline } from "../../static/client/sync/protocol";
import { cut } from "../../static/client/sync/synchronize";
import { changed, localMoment } from "../../static/client/sync/changes";
import type { WardRecord } from "../../static/client/types";
import { Phone, Ward, lost } from "./phone";

test("twenty new records go up in one round trip", async () => {
  const lan = await Phone.of("lan");
  for (let i = 0; i < 20; i++) await lan.save({ title: `Ao ${i}` });
  const ward = new Ward();
  const pass = await lan.sync(ward);
  assert.deepEqual([ward.trips, pass.sent, (await lan.unsent()).length], [1, 20, 0]);
});

test("a lost answer loses nothing and doubles nothing", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "Ao" });
  const ward = new Ward();
  ward.answer = lost;
  await assert.rejects(lan.sync(ward), Offline);
  assert.equal((await lan.unsent()).length, 1);
  ward.answer = (answer) => answer;
  await lan.sync(ward);
  assert.deepEqual([ward.log.size, (await lan.unsent()).length], [1, 0]);
});

test("a receipt for other bytes is not believed, and blocks nobody", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "Ao" });
  await lan.save({ title: "Hồ" });
  const ward = new Ward();
  ward.answer = (answer) => ({ ...answer, receipts: answer.receipts.map((r, i) => (i ? r : { ...r, sha256: "0".repeat(64) })) });
  await lan.sync(ward);
  const left = await lan.unsent();
  assert.equal(left.length, 1);
  assert.match(left[0]!.body, /Ao/);
});

for (const status of [401, 409, 410, 422, 429, 500, 503]) {
  test(`a ${status} deletes nothing`, async () => {
    const lan = await Phone.of("lan");
    await lan.save({ title: "Ao" });
    const ward = new Ward();
    ward.before = () => {
      throw new Failed("any", status);
    };
    await assert.rejects(lan.sync(ward), Failed);
    assert.equal((await lan.unsent()).length, 1);
  });
}

test("a body that is too large is halved until it passes", async () => {
  const lan = await Phone.of("lan");
  for (let i = 0; i < 10; i++) await lan.save({ title: `Ao ${i}` });
  const ward = new Ward();
  ward.before = (question) => {
    if (question.changes.length > 3) throw new Failed("too_large", 413);
  };
  await lan.sync(ward);
  assert.deepEqual([ward.log.size, (await lan.unsent()).length], [10, 0]);
});

test("numbers count up by one and never repeat, also over a reopened store", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "a" });
  await lan.sync(new Ward());
  await store.choose(null);
  await store.choose(lan.person);
  await lan.save({ title: "b" });
  assert.deepEqual((await lan.unsent()).map((entry) => entry.seq), [2]);
});

test("two people on one phone: neither sees nor loses the other's work", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "của Lan" });
  const hoa = await Phone.of("hoa");
  assert.equal((await hoa.unsent()).length, 0);
  await hoa.save({ title: "của Hoa" });
  await hoa.sync(new Ward());
  await store.choose(lan.person);
  assert.match((await lan.unsent())[0]!.body, /của Lan/);
});

test("a reset replaces the cache and touches neither drafts nor outbox", async () => {
  const lan = await Phone.of("lan");
  const old = await lan.save({ title: "chờ gửi" });
  await drafts.put({ id: "d", kind: "hazard_site", record: null, values: { title: "nháp" }, base: {}, section: 0, savedAt: "" });
  const remote = (id: string): WardRecord => ({
    id, kind: "hazard_site", version: 1, status: "received", unit: "1", author: "x", parent: null,
    data: { title: id }, conflicts: [], review: null, received: "2026-06-01T00:00:00Z",
  });
  await applyRemote({ records: [remote("a"), remote("b")], gone: [], cursor: "1", epoch: "e", reset: false }, "now");
  await applyRemote({ records: [remote("b")], gone: [], cursor: "2", epoch: "f", reset: true }, "now");
  assert.deepEqual((await lan.views()).map((v) => v.id).sort(), ["b", old].sort());
  assert.equal((await drafts.all()).length, 1);
});

test("a verdict that arrives during an edit stays visible, and so does the edit", async () => {
  const lan = await Phone.of("lan");
  const id = await lan.save({ title: "Ao", risk: "low" });
  await lan.sync(new Ward());
  await lan.save({ risk: "high" }, id, 1);
  const review = { verdict: "return" as const, note: "Rào?", pins: { fence: "Còn hay đổ?" }, by: "Minh", at: "", version: 1 };
  const record: WardRecord = {
    id, kind: "hazard_site", version: 2, status: "returned", unit: null, author: lan.person, parent: null,
    data: { title: "Ao", risk: "low" }, conflicts: [], review, received: "2026-06-03T00:00:00Z",
  };
  await applyRemote({ records: [record], gone: [], cursor: "2", epoch: "e", reset: false }, "now");
  const [view] = await lan.views();
  assert.deepEqual([view!.ward, view!.data["risk"], view!.status, view!.review?.note], ["returned", "high", "phone", "Rào?"]);
});

test("the three states: on this phone, the ward has it", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "Ao" });
  assert.deepEqual((await lan.views()).map((v) => [v.status, v.ward]), [["phone", null]]);
  await lan.sync(new Ward());
  assert.deepEqual((await lan.views()).map((v) => [v.status, v.ward]), [["sent", "received"]]);
  assert.equal((await receipted()).length, 1);
});

test("a gone record leaves the lists, with its receipts", async () => {
  const lan = await Phone.of("lan");
  const id = await lan.save({ title: "Ao" });
  await lan.sync(new Ward());
  await applyRemote({ records: [], gone: [id], cursor: "3", epoch: "e", reset: false }, "now");
  assert.deepEqual((await lan.views()).length, 0);
  assert.equal((await receipted()).length, 1);
});

test("only what changed is sent, and what was emptied is sent as null", () => {
  assert.deepEqual(changed({ a: "x", b: "", c: ["1"] }, { a: "x", b: "y", c: ["1"] }), { b: null });
  assert.deepEqual(changed({ a: "", b: undefined }, {}), {});
});

test("a batch is cut by bytes as well as by number", () => {
  const entry = (seq: number) => ({ seq, id: "", record: "", kind: "", body: "ạ".repeat(30_000), sha256: "", at: "", tries: 0 });
  const entries = [1, 2, 3, 4, 5].map(entry);
  assert.equal(cut(entries, 100).length, 2);
  assert.equal(cut(entries, 1).length, 1);
  assert.match(localMoment(new Date()), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
});
