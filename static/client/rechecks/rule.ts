/** When a record is due to be looked at again; the twin of app/rechecks/rules.py. Both run tests/vectors/rechecks.json. Pure. */

import { holds } from "../forms/conditions";
import type { Calendar, Recheck, Values } from "../types";

export type Standing = "overdue" | "due" | "later";

/** A record that tells how it was found: the day, ISO, and the answers. */
export interface Look {
  day: string;
  values: Values;
}

/** What is due within these days is already asked for. */
const SOON = 3;

const least = (a: string, b: string): string => (a < b ? a : b);

/** The last one; of one day the later in the list. A day that has not come yet counts as today. */
export function latest<T extends Look>(looks: T[], today: string): T | null {
  return looks.reduce<T | null>((best, one) => (best && least(best.day, today) > least(one.day, today) ? best : one), null);
}

/** The day, ISO, on which it should be looked at again at the latest; null when there is nothing more to look at. */
export function dueOn(rule: Recheck, calendar: Calendar, values: Values, since: string, looks: Look[], today: string): string | null {
  const last = latest(looks, today);
  if (last && holds(rule.until, last.values, today)) return null;
  const [first, again] = [least(since, today), last ? least(last.day, today) : ""];
  const start = first > again ? first : again;
  const [off, within] = calendar.days[levelOf(rule, values, last)] ?? calendar.days[rule.unknown] ?? [30, 30];
  return rule.seasons.reduce((found, [name, when]) => {
    const season = calendar.seasons[name];
    return season && holds(when, values, today) ? least(found, firstWithin(season, plus(start, within))) : found;
  }, plus(start, off));
}

/** overdue: the day has passed; due: it is today or within SOON days; later. */
export function standing(due: string, today: string): Standing {
  return due < today ? "overdue" : due <= plus(today, SOON) ? "due" : "later";
}

/** Days from one ISO day to another. */
export const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 86_400_000;

/** The more dangerous of what the record and the last look say. */
function levelOf(rule: Recheck, values: Values, last: Look | null): string {
  const said = [values[rule.level], last?.values[rule.level]];
  return rule.order.find((code) => said.includes(code)) ?? rule.unknown;
}

/** The first day of the season that is not before `day`. */
function firstWithin([first, last]: [string, string], day: string): string {
  const here = day.slice(5);
  if (first <= last ? first <= here && here <= last : here >= first || here <= last) return day;
  return `${Number(day.slice(0, 4)) + (here < first ? 0 : 1)}-${first}`;
}

const plus = (day: string, days: number): string => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
