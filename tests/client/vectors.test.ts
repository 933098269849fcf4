/** The same tables of cases that the server's tests run. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { check } from "../../static/client/forms/checks";
import { holds } from "../../static/client/forms/conditions";
import type { Condition, FormSpec, Values } from "../../static/client/types";
import { clean, compareNames, fold, phoneNumber } from "../../static/client/vietnamese";

declare const VECTORS: string;
const read = <T>(name: string) => JSON.parse(readFileSync(`${VECTORS}/${name}.json`, "utf8")) as T;

for (const one of read<{ name: string; condition: Condition; values: Values; today: string; holds: boolean }[]>("conditions")) {
  test(`condition: ${one.name}`, () => assert.equal(holds(one.condition, one.values, one.today), one.holds));
}

for (const one of read<{ name: string; spec: FormSpec; values: Values; today: string; problems: unknown[] }[]>("checks")) {
  test(`check: ${one.name}`, () => assert.deepEqual(check(one.spec, one.values, one.today), one.problems));
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
