/** What a form asks, and what becomes of answers to questions that it does not ask. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { isShown, liveSections, withoutHidden } from "../../static/client/forms/layout";
import { changed } from "../../static/client/sync/changes";
import type { Field, FormSpec, Values } from "../../static/client/types";

const field = (more: Partial<Field> = {}): Field => ({ widget: "text", label: ["Ô", "Box"], owner: "phone", sensitivity: "normal", ...more });
const SPEC = {
  kind: "site",
  sections: [
    { id: "one", label: ["Một", "One"], fields: ["name", "school", "signs"] },
    { id: "ward", label: ["Phường", "Ward"], fields: ["due_on"] },
  ],
  fields: {
    name: field(),
    school: field({ show: ["eq", "near", "yes"] }),
    signs: field({ retired: true, show: ["eq", "near", "yes"] }),
    due_on: field({ owner: "desk" }),
  },
} as unknown as FormSpec;
const TODAY = "2026-06-03";

test("the desk's fields and those of older forms are asked nowhere", () => {
  const asked = Object.keys(SPEC.fields).filter((name) => isShown(SPEC, name, { near: "yes" }, TODAY));
  assert.deepEqual(asked, ["name", "school"]);
  assert.deepEqual(liveSections(SPEC, {}, TODAY).map((part) => part.id), ["one"]);
});

test("an edit of an old record neither empties nor sends what its form asks no more, nor what is the desk's", () => {
  const base: Values = { name: "Ao", school: "Phúc Lợi", signs: ["warning"], due_on: "2026-06-15" };
  const values = withoutHidden(SPEC, { ...base, name: "Ao ông Tư" }, TODAY);
  assert.deepEqual(values, { name: "Ao ông Tư", school: null, signs: ["warning"], due_on: "2026-06-15" });
  assert.deepEqual(changed(values, base), { name: "Ao ông Tư", school: null });
});
