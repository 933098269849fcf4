/** What a person sees of a record between this phone and the ward. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { receipted } from "../../static/client/store/outbox";
import { viewOf } from "../../static/client/store/records";
import { taskOf } from "../../static/client/pieces/task";
import { view } from "../../static/client/sync/rebase";
import { settled } from "../../static/client/sync/settle";
import type { Receipt } from "../../static/client/types";
import { Phone, Ward, wardRecord } from "./phone";

test("the three states: on this phone, the ward has it", async () => {
  const lan = await Phone.of("lan");
  const id = await lan.save({ title: "Ao" });
  assert.deepEqual((await lan.views()).map((v) => [v.status, v.ward]), [["phone", null]]);
  await lan.sync(new Ward());
  assert.deepEqual((await lan.views()).map((v) => [v.status, v.ward, v.version, v.mine]), [["sent", "received", 1, true]]);
  assert.deepEqual(await viewOf(id, lan.person), (await lan.views())[0]);
  assert.equal((await receipted(id)).length, 1);
});

test("a verdict that arrives during an edit stays visible, and so does the edit", async () => {
  const lan = await Phone.of("lan");
  const id = await lan.save({ title: "Ao", risk: "low" });
  await lan.sync(new Ward());
  await lan.save({ risk: "high" }, id, 1);
  const review = { verdict: "return" as const, note: "Rào?", pins: { fence: "Còn hay đổ?" }, by: "Minh", at: "", version: 1 };
  const data = { title: "Ao", risk: "low" };
  await lan.hear({ records: [wardRecord(id, { version: 2, status: "returned", author: lan.person, data, review })], receipts: [] });
  const [seen] = await lan.views();
  assert.deepEqual([seen!.ward, seen!.data["risk"], seen!.status, seen!.review?.note], ["returned", "high", "phone", "Rào?"]);
});

test("a gone record leaves the lists; its receipts stay", async () => {
  const lan = await Phone.of("lan");
  const id = await lan.save({ title: "Ao" });
  await lan.sync(new Ward());
  await lan.hear({ gone: [id] });
  assert.deepEqual([(await lan.views()).length, (await receipted(id)).length], [0, 1]);
});

test("unsent work on a gone record stays in sight", async () => {
  const lan = await Phone.of("lan");
  const id = await lan.save({ title: "Ao" });
  await lan.sync(new Ward());
  await lan.save({ title: "Ao sâu" }, id, 1);
  await lan.hear({ gone: [id], receipts: [] });
  assert.deepEqual((await lan.views()).map((v) => [v.data["title"], v.status]), [["Ao sâu", "phone"]]);
});

test("edits lie over one another in the order of their numbers, and clear what they empty", async () => {
  const lan = await Phone.of("lan");
  const id = await lan.save({ title: "a", note: "x" });
  await lan.save({ title: "b" }, id);
  await lan.save({ title: "c", note: null }, id);
  const before = await viewOf(id, lan.person);
  assert.deepEqual([before!.data["title"], before!.data["note"], before!.unsent], ["c", null, 3]);
  await lan.sync(new Ward());
  assert.deepEqual((await viewOf(id, lan.person))!.data, { title: "c" });
});

const receipt = (more: Partial<Receipt>): Receipt => ({
  id: "c", record: "r", kind: "child", outcome: "applied", version: 2, sha256: "", problems: [], got: "2026-06-03T02:00:00Z", ...more,
});
const entry = (set: object, more: Partial<Receipt> = {}) => {
  const body = JSON.stringify({ base: 1, at: "2026-06-03T09:00:00+07:00", set });
  return { seq: 7, id: "c", record: "r", kind: "child", at: "2026-06-03T09:00:00+07:00", body, receipt: receipt(more) };
};

test("what the ward set aside changes nothing in its record, and says why", () => {
  const ward = wardRecord("r", { version: 3, status: "accepted" });
  const refused = entry({ title: "khác" }, { outcome: "quarantined", version: 3, problems: [{ code: "not_withdrawable" }] });
  assert.equal(settled(ward, refused, "lan"), null);
  const seen = view("r", ward, [], [refused], "lan");
  assert.deepEqual([seen!.ward, seen!.data["title"], seen!.problems], ["accepted", "r", [{ code: "not_withdrawable" }]]);
});

test("a held record stays in sight though the ward cannot show it yet", () => {
  const seen = view("r", null, [], [entry({ title: "đợi" }, { outcome: "held", version: 0 })], "lan");
  assert.deepEqual([seen!.ward, seen!.status, seen!.data["title"], seen!.received], [null, "sent", "đợi", "2026-06-03T02:00:00Z"]);
});

test("a receipted edit becomes the phone's copy; one that is older than the copy does not", () => {
  const conflict = { field: "title", kept: 1, other: 2, kept_by: "", other_by: "", kept_name: "Hoa", other_name: "Lan", kept_at: "", other_at: "", version: 1 };
  const made = settled(wardRecord("r", { conflicts: [conflict], author: "hoa" }), entry({ title: "mới", note: null }), "lan");
  assert.deepEqual(
    [made!.version, made!.data, made!.conflicts, made!.author, made!.status],
    [2, { title: "mới" }, [], "hoa", "received"],
  );
  assert.equal(settled(wardRecord("r", { version: 2 }), entry({ title: "cũ" }), "lan"), null);
  assert.equal(settled(null, entry({}, { outcome: "needs_fixing" }), "lan")!.status, "needs_fixing");
});

test("moments of any offset sort by time", () => {
  const seen = view("r", wardRecord("r", { received: "2026-06-03T03:00:00Z" }), [], [entry({})], "lan");
  assert.equal(seen!.changedAt, "2026-06-03T03:00:00.000Z");
});

test("what the ward asks to do stays until she writes something about it, be it unsent", async () => {
  const lan = await Phone.of("lan");
  const id = await lan.save({ title: "Ao" });
  await lan.sync(new Ward());
  const said = [{ note: "Tốt", by: "Minh", at: "2026-06-01T00:00:00Z" }, { note: "Xem lại", by: "Minh", at: "2099-01-01T00:00:00Z", due: "" }];
  await lan.hear({ records: [wardRecord(id, { version: 2, author: lan.person, said })], receipts: [] });
  const [seen] = await lan.views();
  assert.equal(taskOf(seen!, [seen!])?.note, "Xem lại");
  const written = (more: Partial<typeof seen>) => ({ ...seen!, changedAt: "2099-01-02T08:00:00+07:00", ...more });
  const look = written({ id: "look", parent: id, said: [] });
  assert.equal(taskOf(seen!, [seen!, look]), undefined);
  assert.equal(taskOf(seen!, [seen!, { ...look, mine: false }])?.note, "Xem lại", "another person's look is not hers");
  assert.equal(taskOf(written({}), [seen!]), undefined);
  assert.deepEqual((await lan.hear({}), (await lan.views())[0]!.said.length), 2, "kept offline");
});
