/** Nothing leaves the outbox but by its receipt, whatever happens on the way. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as store from "../../static/client/store/database";
import * as drafts from "../../static/client/store/drafts";
import { receipted } from "../../static/client/store/outbox";
import { needsLook, stuckEntries } from "../../static/client/store/stuck";
import { changed, localMoment } from "../../static/client/sync/changes";
import { type Answer, Failed, Offline } from "../../static/client/sync/protocol";
import { cut } from "../../static/client/sync/push";
import { Phone, Ward, lost, wardRecord } from "./phone";

const failing = (code: string, status: number) => () => {
  throw new Failed(code, status);
};

test("twenty new records go up in one round trip", async () => {
  const lan = await Phone.of("lan");
  for (let i = 0; i < 20; i++) await lan.save({ title: `Ao ${i}` });
  const ward = new Ward();
  const pass = await lan.sync(ward);
  assert.deepEqual([ward.trips, pass.sent, (await lan.unsent()).length], [1, 20, 0]);
  assert.deepEqual(pass.phases, ["push", "rebase"]);
});

test("a lost answer loses nothing and doubles nothing", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "Ao" });
  const [before] = await lan.unsent();
  const ward = new Ward();
  ward.answer = lost;
  await assert.rejects(lan.sync(ward), Offline);
  assert.deepEqual(await lan.unsent(), [before]);
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

test("a receipt that belongs to another change is not believed", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "Ao" });
  const ward = new Ward();
  ward.answer = (answer) => ({ ...answer, receipts: answer.receipts.map((r) => ({ ...r, id: "another" })) });
  await lan.sync(ward);
  assert.equal((await lan.unsent()).length, 1);
});

test("a change that the ward could not read is receipted by its hash alone", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "Ao" });
  const ward = new Ward();
  ward.answer = (answer) => ({
    ...answer,
    receipts: answer.receipts.map((r) => ({ ...r, id: null, outcome: "quarantined", version: 0, problems: [{ code: "unreadable" }] })),
  });
  await lan.sync(ward);
  assert.equal((await lan.unsent()).length, 0);
  const [view] = await lan.views();
  assert.deepEqual([view!.ward, view!.data["title"], view!.problems], ["quarantined", "Ao", [{ code: "unreadable" }]]);
});

for (const status of [401, 409, 410, 422, 429, 500, 503]) {
  test(`a ${status} deletes nothing`, async () => {
    const lan = await Phone.of("lan");
    await lan.save({ title: "Ao" });
    const ward = new Ward();
    ward.before = failing("any", status);
    await assert.rejects(lan.sync(ward), Failed);
    assert.equal((await lan.unsent()).length, 1);
  });
}

test("JSON of somebody else's server counts as no signal", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "Ao" });
  const ward = new Ward();
  ward.answer = () => ({ login: "please" }) as unknown as Answer;
  await assert.rejects(lan.sync(ward), Offline);
  assert.equal((await lan.unsent()).length, 1);
});

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

test("one change that is too large alone stays, says so, and lets the others by", async () => {
  const lan = await Phone.of("lan");
  for (const title of ["a", "too large", "b", "c"]) await lan.save({ title });
  const ward = new Ward();
  ward.before = (question) => {
    if (question.changes.some(({ body }) => body.includes("too large"))) throw new Failed("too_large", 413);
  };
  await lan.sync(ward);
  assert.deepEqual([ward.log.size, (await lan.unsent()).length], [3, 1]);
  assert.deepEqual((await stuckEntries()).map((one) => [one.seq, one.code, needsLook(one)]), [[2, "too_large", true]]);
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
  const device = await store.fact("device");
  const hoa = await Phone.of("hoa");
  assert.notEqual(await store.fact("device"), device);
  assert.equal((await hoa.unsent()).length, 0);
  await hoa.save({ title: "của Hoa" });
  await hoa.sync(new Ward());
  await store.choose(lan.person);
  assert.match((await lan.unsent())[0]!.body, /của Lan/);
});

test("an answer that comes after the phone changed hands is not written into the next person's part", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "của Lan" });
  const hoa = new Phone(`hoa-of-${lan.person}`);
  const ward = new Ward();
  ward.news = { records: [wardRecord("chỉ Lan")] };
  const ask = ward.ask;
  const slow = Object.assign(new Ward(), {
    ask: async (question: Parameters<typeof ask>[0]) => {
      const answer = await ask(question);
      await store.choose(hoa.person);
      return answer;
    },
  });
  await assert.rejects(lan.sync(slow), store.SomebodyElse);
  assert.deepEqual([await hoa.views(), await store.fact("cursor")], [[], undefined]);
  await store.choose(lan.person);
  assert.equal((await lan.unsent()).length, 1);
});

test("a reset replaces the cache and touches neither drafts nor outbox", async () => {
  const lan = await Phone.of("lan");
  const draft = { id: "d", kind: "hazard_site", record: null, values: { title: "nháp" }, base: {}, section: 0, savedAt: "" };
  await lan.hear({ records: [wardRecord("a"), wardRecord("b")] });
  const here = await lan.save({ title: "chờ gửi" });
  await drafts.put(draft);
  await lan.hear({ records: [wardRecord("b")], reset: true, receipts: [] });
  assert.deepEqual((await lan.views()).map((v) => v.id).sort(), ["b", here].sort());
  assert.deepEqual(await drafts.all(), [draft]);
});

test("a replacement that breaks off between pages shows everything until its last page has come", async () => {
  const lan = await Phone.of("lan");
  await lan.hear({ records: [wardRecord("a"), wardRecord("b"), wardRecord("c")] });
  const ward = new Ward();
  ward.answer = (answer) =>
    ward.trips === 1 ? { ...answer, reset: true, more: true, cursor: "page 1", records: [wardRecord("c")] } : lost();
  await assert.rejects(lan.sync(ward), Offline);
  assert.equal((await lan.views()).length, 3);
  await lan.hear({ records: [wardRecord("a")] });
  assert.deepEqual((await lan.views()).map((v) => v.id).sort(), ["a", "c"]);
});

test("asking for everything again takes away what is no longer there, also without the word reset", async () => {
  const lan = await Phone.of("lan");
  await lan.hear({ records: [wardRecord("a"), wardRecord("b")] });
  await store.setFacts({ cursor: null });
  await lan.hear({ records: [wardRecord("b")] });
  assert.deepEqual((await lan.views()).map((v) => v.id), ["b"]);
});

test("a restored database is offered again what it may have lost, byte for byte", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "Ao" });
  await lan.save({ title: "Hồ" });
  const before = (await lan.unsent()).map(({ body }) => body);
  await lan.sync(new Ward());
  const restored = new Ward();
  const bodies: string[] = [];
  restored.news = { epoch: "another", reset: true };
  restored.before = (question) => bodies.push(...question.changes.map(({ body }) => body));
  await lan.sync(restored);
  assert.deepEqual([bodies, (await lan.unsent()).length, restored.trips], [before, 0, 2]);
});

test("what has a receipt is kept for 30 days, and the record for as long as the ward has it", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "Ao" });
  await lan.sync(new Ward());
  await lan.sync(new Ward(), new Date("2026-07-02T00:00:00Z"));
  assert.equal((await receipted()).length, 1);
  await lan.sync(new Ward(), new Date("2026-07-04T00:00:00Z"));
  assert.equal((await receipted()).length, 0);
  assert.deepEqual((await lan.views()).map((v) => [v.data["title"], v.ward]), [["Ao", "received"]]);
});

test("only what changed is sent, and what was emptied is sent as null", () => {
  assert.deepEqual(changed({ a: "x", b: "", c: ["1"] }, { a: "x", b: "y", c: ["1"] }), { b: null });
  assert.deepEqual(changed({ a: "", b: undefined }, {}), {});
});

test("a batch is cut by bytes as well as by number", () => {
  const entry = (seq: number) => ({ seq, id: "", record: "", kind: "", body: "ạ".repeat(30_000), at: "" });
  const entries = [1, 2, 3, 4, 5].map(entry);
  assert.equal(cut(entries, 100).length, 2);
  assert.equal(cut(entries, 1).length, 1);
  assert.match(localMoment(new Date()), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
});
