/** Answers against their form; the twin of app/kinds/checks.py. Both run tests/vectors/checks.json. Pure. */

import type { Field, FormSpec, Value, Values } from "../types";
import { clean, isStorable, phoneNumber } from "../vietnamese";
import { dayExists, holds, isFilled } from "./conditions";

/** A field and what is wrong with its answer. */
export type Fault = { field: string; code: string };

export type Outcome = { value: Value } | { code: string };

/** Checks that come with the part of the app whose answers they read; until then those are taken as they are. */
export const lateChecks = { photos: (_: Field, value: unknown): Outcome => ({ value: value as Value }) };

/** The problems of a whole record: fields in the form's order, unknown ones last, one problem each. */
export function check(spec: Pick<FormSpec, "fields">, answers: Values, today: string): Fault[] {
  const { values, problems } = normalise(spec, answers);
  const codes = new Map(problems.map((problem) => [problem.field, problem.code]));
  for (const [name, field] of Object.entries(spec.fields)) {
    if (!codes.has(name) && !isFilled(values[name]) && isNeeded(field, values, today)) codes.set(name, "required");
  }
  const unknown = [...codes.keys()].filter((name) => !Object.hasOwn(spec.fields, name));
  const names = [...Object.keys(spec.fields), ...unknown].filter((name) => codes.has(name));
  return names.map((field) => ({ field, code: codes.get(field)! }));
}

/** Answers as they are stored, with a problem for each that does not fit its field. null clears a field. */
export function normalise(spec: Pick<FormSpec, "fields">, answers: Values) {
  const values: Values = {};
  const problems: Fault[] = [];
  for (const [name, answer] of Object.entries(answers)) {
    const key = clean(name);
    const field = Object.hasOwn(spec.fields, key) ? spec.fields[key]! : null;
    const outcome = field ? (answer == null ? { value: null } : read(field, answer)) : { code: "unknown_field" };
    values[key] = "value" in outcome ? outcome.value : typeof answer === "string" ? clean(answer) : answer;
    if ("code" in outcome) problems.push({ field: key, code: outcome.code });
  }
  return { values, problems };
}

function isNeeded(field: Field, values: Values, today: string): boolean {
  const needed = field.required === true || (!!field.required && holds(field.required, values, today));
  return needed && (!field.show || holds(field.show, values, today));
}

function read(field: Field, value: unknown): Outcome {
  switch (field.widget) {
    case "number":
      return readNumber(field, value);
    case "choice":
      return field.codes!.some((option) => option.code === value) ? { value: value as string } : { code: "not_choice" };
    case "choices":
      return readChoices(field, value);
    case "day":
      return isDay(value) || (field.yearAlone && isYear(value)) ? { value: value as string } : { code: "not_date" };
    case "moment":
      return isMoment(value) ? { value: value as string } : { code: "not_date" };
    case "place":
      return readPlace(value);
    case "record":
      return isRecordId(value) ? { value } : { code: "not_record" };
    case "photos":
      return lateChecks.photos(field, value);
    default:
      return readText(field, value);
  }
}

function readText(field: Field, value: unknown): Outcome {
  if (typeof value !== "string") return { code: "not_text" };
  if (!isStorable(value)) return { code: "bad_characters" };
  const text = clean(value);
  const longest = field.longest ?? { name: 100, phone: 30 }[field.widget as string] ?? 2000;
  if ([...text].length > longest) return { code: "too_long" };
  return { value: field.widget === "phone" ? (phoneNumber(text) ?? text) : text };
}

function readNumber(field: Field, value: unknown): Outcome {
  if (typeof value !== "number" || !Number.isFinite(value)) return { code: "not_number" };
  if (!field.decimals && !Number.isInteger(value)) return { code: "not_whole" };
  if (value < (field.least ?? 0) || value > (field.most ?? 1e9)) return { code: "out_of_range" };
  return { value };
}

function readChoices(field: Field, value: unknown): Outcome {
  const known = field.codes!.map((option) => option.code);
  if (!Array.isArray(value) || value.some((code) => !known.includes(code))) return { code: "not_choice" };
  return { value: known.filter((code) => value.includes(code)) };
}

const isYear = (value: unknown) => typeof value === "string" && /^[0-9]{4}$/.test(value) && inRange(value);
const inRange = (year: string) => Number(year) >= 1900 && Number(year) <= 2100;

function isDay(value: unknown): boolean {
  return (
    typeof value === "string" && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value) && inRange(value.slice(0, 4)) && dayExists(value)
  );
}

function isMoment(value: unknown): boolean {
  return (
    typeof value === "string" && value[10] === "T" && isDay(value.slice(0, 10)) && /^([01][0-9]|2[0-3]):[0-5][0-9]$/.test(value.slice(11))
  );
}

export function readPlace(value: unknown): Outcome {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { code: "not_place" };
  const { lat = null, lon = null, acc = null, how = null, at = null } = value as Record<string, unknown>;
  const fits =
    isBetween(lat, 90) &&
    isBetween(lon, 180) &&
    (acc === null || (typeof acc === "number" && Number.isFinite(acc) && acc >= 0)) &&
    (how === "gps" || how === "map" || how === "manual") &&
    (at === null || isShort(at, 40));
  return fits ? { value: { lat, lon, acc, how, at } as Value } : { code: "not_place" };
}

export const isRecordId = (value: unknown): value is string => typeof value === "string" && /^[!-~]{1,64}$/.test(value);

export const isShort = (value: unknown, most: number) => typeof value === "string" && [...value].length <= most && isStorable(value);

function isBetween(value: unknown, most: number): value is number {
  return typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= most;
}
