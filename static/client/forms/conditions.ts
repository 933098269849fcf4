/** Conditions as data; the twin of app/kinds/conditions.py. Both run tests/vectors/conditions.json. Pure. */

import type { Condition, Values } from "../types";
import { phoneNumber } from "../vietnamese";

type Test = (value: unknown, wanted: unknown, today: string) => boolean;

const DATE = /^([0-9]{4})(-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?)?$/;

/** Whether an answer was given: not null, not empty text, not an empty list. */
export function isFilled(value: unknown): boolean {
  return value != null && value !== "" && !(Array.isArray(value) && value.length === 0);
}

/** Whether a day of the calendar exists. */
export function dayExists(iso: string): boolean {
  const [year, month, day] = iso.split("-").map(Number) as [number, number, number];
  const made = new Date(Date.UTC(2000, month - 1, day));
  made.setUTCFullYear(year, month - 1, day);
  return year >= 1 && made.getUTCMonth() === month - 1 && made.getUTCDate() === day;
}

/** Full years on `today` from an ISO date or a bare year; null when it cannot be read. */
export function age(born: string, today: string): number | null {
  if (!DATE.test(born)) return null;
  const day = born.length === 4 ? `${born}-12-31` : born.slice(0, 10);
  if (!dayExists(day)) return null;
  return Number(today.slice(0, 4)) - Number(day.slice(0, 4)) - (today.slice(5) < day.slice(5) ? 1 : 0);
}

/** Evaluate a condition. Answers of the wrong shape make a test false, never an error. */
export function holds(condition: Condition, values: Values, today: string): boolean {
  const [test, ...rest] = condition as [string, ...unknown[]];
  if (test === "and") return rest.every((part) => holds(part as Condition, values, today));
  if (test === "or") return rest.some((part) => holds(part as Condition, values, today));
  if (test === "not") return !holds(rest[0] as Condition, values, today);
  return TESTS[test]!(Object.hasOwn(values, String(rest[0])) ? values[String(rest[0])] : undefined, rest[1], today);
}

const dayOf = (value: unknown) => (typeof value === "string" && DATE.test(value) ? value.slice(0, 10) : null);

const pointOf = (value: unknown) =>
  (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {}) as Record<string, unknown>;

const TESTS: Record<string, Test> = {
  eq: (value, wanted) => value === wanted,
  in: (value, wanted) => typeof value === "string" && (wanted as string[]).includes(value),
  has: (value, wanted) => Array.isArray(value) && value.includes(wanted),
  filled: isFilled,
  more: (value, limit) => typeof value === "number" && value > (limit as number),
  after_today: (value, _, today) => (dayOf(value) ?? "") > today,
  before: (value, limit) => dayOf(value) !== null && dayOf(value)! < (limit as string),
  aged: (value, years, today) => typeof value === "string" && (age(value, today) ?? -1) >= (years as number),
  less_exact: (value, metres) => {
    const { acc } = pointOf(value);
    return typeof acc === "number" && acc > (metres as number);
  },
  outside: (value, box) => {
    const { lat, lon } = pointOf(value);
    if (typeof lat !== "number" || typeof lon !== "number") return false;
    const [south, west, north, east] = box as [number, number, number, number];
    return !(south <= lat && lat <= north && west <= lon && lon <= east);
  },
  digits: (value, count) => typeof value === "string" && new RegExp(`^[0-9]{${count}}$`).test(value.replaceAll(" ", "")),
  phone: (value) => typeof value === "string" && phoneNumber(value) !== null,
};
