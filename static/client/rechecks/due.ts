/** What on this phone is to be looked at again, offline: its records, the looks at them, and the ward's calendar. */

import { computed } from "@preact/signals";

import { holds } from "../forms/conditions";
import { isoDay } from "../pieces/dates";
import { specOf } from "../pieces/titles";
import { kit, records } from "../state";
import type { FormSpec, View } from "../types";
import { dueOn, latest, type Look, type Standing, standing } from "./rule";

/** A look with the record that it is. */
export interface Found extends Look {
  view: View;
}

export interface Due {
  view: View;
  day: string;
  standing: Standing;
}

/** The ward does not wait for these any more. */
const ENDED = ["closed", "duplicate", "withdrawn"];
const VOID = ["duplicate", "withdrawn"];

/** All records by what they are about, worked out once for each state of the phone. */
const byParent = computed(() => {
  const found = new Map<string, View[]>();
  for (const one of records.value) {
    const about = one.withdrawn ? null : aboutWhom(one);
    if (about) found.set(about, [...(found.get(about) ?? []), one]);
  }
  return found;
});

/** The records that were made about this one, the latest first. */
export function below(view: View): View[] {
  const found = byParent.value.get(view.id) ?? [];
  return [...found].sort((a, b) => dayOf(b).localeCompare(dayOf(a)) || b.changedAt.localeCompare(a.changedAt));
}

/** The looks at a record, oldest first; of two that came together, the one that ends the looking comes first. */
export function looksAt(view: View): Found[] {
  const rule = specOf(view.kind)?.recheck;
  if (!rule) return [];
  const looks = below(view).filter((one) => one.kind === rule.by && !VOID.includes(one.ward ?? ""));
  const ends = (one: View) => Number(holds(rule.until, one.data, isoDay()));
  const order = (a: View, b: View) => a.changedAt.localeCompare(b.changedAt) || ends(b) - ends(a);
  return looks.sort(order).map((one) => ({ view: one, day: dayOf(one), values: one.data }));
}

/** The last look at a record; null when there was none. */
export const lastLook = (view: View): Found | null => latest(looksAt(view), isoDay());

/** When a record is due; null when nobody needs to look again, or this phone does not know how often. */
export function dueOf(view: View): Due | null {
  const rule = specOf(view.kind)?.recheck;
  const calendar = kit.value?.calendar;
  if (!rule || !calendar || view.withdrawn || ENDED.includes(view.ward ?? "")) return null;
  const day = dueOn(rule, calendar, view.data, dayOf(view), looksAt(view), isoDay());
  return day ? { view, day, standing: standing(day, isoDay()) } : null;
}

/** What is overdue or due soon, the longest overdue first. */
export function dueNow(): Due[] {
  return records.value
    .flatMap((view) => dueOf(view) ?? [])
    .filter((one) => one.standing !== "later")
    .sort((a, b) => a.day.localeCompare(b.day));
}

/** The record that this one is about, also before the ward has said so. */
function aboutWhom(view: View): string | null {
  const spec = specOf(view.kind);
  const link = spec?.parent ? linkOf(spec) : undefined;
  const said = link ? view.data[link] : null;
  return typeof said === "string" ? said : view.parent;
}

/** The field that names the parent. */
export const linkOf = (spec: FormSpec): string | undefined => Object.keys(spec.fields).find((name) => spec.fields[name]!.kind === spec.parent);

/** The day of the event, else the one on which it was written. */
export function dayOf(view: View): string {
  const said = view.data[specOf(view.kind)?.happened ?? ""];
  return typeof said === "string" && /^\d{4}-\d\d-\d\d/.test(said) ? said.slice(0, 10) : isoDay(new Date(view.changedAt || Date.now()));
}
