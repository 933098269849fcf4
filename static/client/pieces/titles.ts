/** How records are called in lists on this phone. */

import { showAnswer } from "../forms/answers";
import { t, w } from "../i18n";
import { kit, records } from "../state";
import { isWriteOnly } from "../store/write-only";
import type { Field, FormSpec, Value, Values, View } from "../types";

/** The form spec of a kind, or undefined when this phone does not know it. */
export function specOf(kind: string): FormSpec | undefined {
  return kit.value?.kinds.find((spec) => spec.kind === kind);
}

/** A record of this phone by its id. */
export function recordOf(id: string): View | undefined {
  return records.value.find((record) => record.id === id);
}

/** The name of a record that another one points to. */
export function titleOfId(id: string): string {
  const record = recordOf(id);
  return record ? nameOf(record) : t("phone.pick.gone");
}

/** What a record is called in lists. One that stays shut has only its number, which the ward's desk shows as well. */
export function nameOf(view: View): string {
  return isWriteOnly(view.kind) ? t("phone.record.number", { kind: kindName(view.kind), n: shortNumber(view.id) }) : titleOf(view.kind, view.data);
}

/** The first letters of a record's id: enough to tell a person's own apart on the telephone. */
const shortNumber = (id: string) => id.replaceAll("-", "").slice(0, 6).toUpperCase();

/** The first filled title field in words, else what kind of record it is. */
export function titleOf(kind: string, values: Values): string {
  const spec = specOf(kind);
  for (const name of spec?.title ?? []) {
    const said = spec!.fields[name] && answerWords(spec!.fields[name], values[name]);
    if (said) return said;
  }
  return t("phone.records.untitled", { kind: kindName(kind) });
}

/** An answer in the words of the present language. */
export function answerWords(field: Field, value: Value): string {
  return showAnswer(field, value, w, titleOfId);
}

/** What a kind is called; its code when this phone does not know it. */
export function kindName(kind: string): string {
  const spec = specOf(kind);
  return spec ? w(spec.label) : kind;
}

/** The sign of a kind. */
export function kindIcon(kind: string): string {
  return specOf(kind)?.icon ?? "list";
}

/** The label of a field, or its name when the form has it no more. */
export function fieldName(kind: string, field: string): string {
  const known = specOf(kind)?.fields[field];
  return known ? w(known.label) : field;
}
