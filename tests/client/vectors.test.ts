/** The same tables of cases that the server's tests run. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { check } from "../../static/client/forms/checks";
import "../../static/client/photos/check";
import { holds } from "../../static/client/forms/conditions";
import { settled } from "../../static/client/sync/settle";
import { view } from "../../static/client/sync/rebase";
import { dueOn, type Look, standing } from "../../static/client/rechecks/rule";
import type { Calendar, Conflict, Condition, FormSpec, Recheck, Receipt, Values } from "../../static/client/types";
import { clean, compareNames, fold, phoneNumber } from "../../static/client/vietnamese";
import { wardRecord } from "./phone";

declare const VECTORS: string;
const read = <T>(name: string) => JSON.parse(readFileSync(`${VECTORS}/${name}.json`, "utf8")) as T;

for (const one of read<{ name: string; condition: Condition; values: Values; today: string; holds: boolean }[]>("conditions")) {
  test(`condition: ${one.name}`, () => assert.equal(holds(one.condition, one.values, one.today), one.holds));
}

for (const one of read<{ name: string; spec: FormSpec; values: Values; today: string; problems: unknown[] }[]>("checks")) {
  test(`check: ${one.name}`, () => assert.deepEqual(check(one.spec, one.values, one.today), one.problems));
}

interface Rechecked {
  name: string;
  values: Values;
  since: string;
  looks: Look[];
  today: string;
  calendar?: Calendar;
  due: string | null;
  standing: string | null;
}

const rechecks = read<{ rule: Recheck; calendar: Calendar; cases: Rechecked[] }>("rechecks");
for (const one of rechecks.cases) {
  test(`recheck: ${one.name}`, () => {
    const due = dueOn(rechecks.rule, one.calendar ?? rechecks.calendar, one.values, one.since, one.looks, one.today);
    assert.deepEqual([due, due && standing(due, one.today)], [one.due, one.standing]);
  });
}

interface Rebased {
  says: string;
  ward: { version: number; data: Values; conflicts: Conflict[] };
  change: { base: number; set: Values };
  after: { data: Values; conflicts: string[] };
}

for (const { says, ward, change, after } of read<Rebased[]>("rebase")) {
  const here = wardRecord("r", ward);
  const at = "2026-06-03T10:00:00+07:00";
  const entry = { seq: 9, id: "c", record: "r", kind: "hazard_site", at, body: JSON.stringify({ at, ...change }) };
  const receipt = { outcome: "applied", version: ward.version + 1, problems: [], got: at } as unknown as Receipt;
  const name = ({ field, version }: Conflict) => `${field} ${version}`;

  test(`rebase: ${says}`, () => {
    const made = settled(here, { ...entry, receipt }, "lan")!;
    assert.deepEqual([made.data, made.conflicts.map(name)], [after.data, after.conflicts]);
  });

  test(`rebase, before it is sent: ${says}`, () => {
    const seen = view("r", here, [entry], [], "lan")!;
    const filled = Object.fromEntries(Object.entries(seen.data).filter(([, value]) => value !== null));
    assert.deepEqual([filled, seen.conflicts.filter((one) => !one.chosen).map(name)], [after.data, after.conflicts]);
  });
}

const text = read<{
  fold: [string, string][];
  clean: [string, string][];
  phone: [string, string | null][];
  names: { in: string[]; sorted: string[] }[];
}>("vietnamese");
test("fold", () => text.fold.forEach(([from, to]) => assert.equal(fold(from), to, JSON.stringify(from))));
test("clean", () => text.clean.forEach(([from, to]) => assert.equal(clean(from), to, JSON.stringify(from))));
test("phone numbers", () => text.phone.forEach(([from, to]) => assert.equal(phoneNumber(from), to, from)));
test("names", () => text.names.forEach((list) => assert.deepEqual([...list.in].sort(compareNames), list.sorted)));
