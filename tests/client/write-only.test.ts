/** A finished report stays shut on the phone: number, time and state, whatever the ward sends and wherever it came from. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readAll } from "../../static/client/store/database";
import { opened, recordOf } from "../../static/client/store/kept";
import { commit, viewOf } from "../../static/client/store/records";
import { knowForms } from "../../static/client/store/write-only";
import type { FormSpec, WardRecord } from "../../static/client/types";
import { Phone, Ward, wardRecord } from "./phone";

const WORDS = "Cháu Trần Gia Bảo bầm tím tay";
const form = (kind: string, sensitivity: string) => ({ kind, fields: { who: { sensitivity } } }) as unknown as FormSpec;
const FORMS = [form("report", "informant"), form("pond", "personal")];
const review = { verdict: "return" as const, note: WORDS, pins: { where: WORDS }, by: "Minh", at: "", version: 1 };
const conflict = { field: "where", kept: WORDS, other: "x", kept_by: "", other_by: "", kept_name: "", other_name: "", kept_at: "", other_at: "", version: 1 };
const asSent = (id: string, kind: string, author: string): WardRecord =>
  wardRecord(id, { kind, author, status: "returned", data: { where: WORDS }, review, conflicts: [conflict], problems: [{ field: "where", code: "required" }] });

async function reports(kind = "report"): Promise<{ lan: Phone; id: string }> {
  const lan = await Phone.of("lan");
  knowForms(FORMS);
  const id = crypto.randomUUID();
  await commit({ id: crypto.randomUUID(), record: id, kind, form: 1, base: 0, at: "2026-06-03T09:00:00+07:00", set: { where: WORDS } }, null);
  return { lan, id };
}

const lies = async () => JSON.stringify(await opened((await readAll("records")).values, recordOf));

test("while it waits, only its state is shown", async () => {
  const { lan, id } = await reports();
  const [seen] = await lan.views();
  assert.deepEqual([seen!.data, seen!.status, seen!.mine, seen!.changedAt], [{}, "phone", true, "2026-06-03T02:00:00.000Z"]);
  assert.deepEqual(await viewOf(id, lan.person), seen);
});

test("what the ward received of it is kept without a word", async () => {
  const { lan } = await reports();
  await lan.sync(new Ward());
  const [seen] = await lan.views();
  assert.deepEqual([seen!.data, seen!.ward, seen!.version], [{}, "received", 1]);
  assert.doesNotMatch(await lies(), /bầm/);
});

test("a pull brings its state and what the ward asks for, never an answer nor the ward's words", async () => {
  const { lan, id } = await reports();
  await lan.sync(new Ward());
  await lan.hear({ records: [asSent(id, "report", lan.person)] });
  const [seen] = await lan.views();
  assert.deepEqual([seen!.ward, seen!.data, seen!.conflicts, seen!.problems], ["returned", {}, [], []]);
  assert.deepEqual([seen!.review!.note, seen!.review!.pins], ["", { where: "" }]);
  assert.doesNotMatch(await lies(), /bầm/);
});

test("other kinds stay open", async () => {
  const { lan } = await reports("pond");
  await lan.sync(new Ward());
  assert.equal((await lan.views())[0]!.data["where"], WORDS);
});
