/** Which records may mean the same place; the twin of app/places/rules.py. Both run tests/vectors/near.json. Pure. */

import type { FormSpec, Point, Values } from "../types";
import { fold } from "../vietnamese";
import { distance } from "./geo";

const NEAR = 50;
const FURTHEST = 100;
const ALIKE = 0.5;
const LONG_AGO = 90;

/** What is compared of a record: the codes and the words of its title, where and when it was. */
export interface Site {
  id: string;
  place: Pick<Point, "lat" | "lon" | "acc"> | null;
  codes: string[];
  words: string;
  /** YYYY-MM-DD, or empty. */
  day: string;
}

export interface Near {
  id: string;
  metres: number;
  score: number;
}

export const isPlace = (value: unknown): value is Point =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Number.isFinite((value as Point).lat) && Number.isFinite((value as Point).lon);

/** A record as `near` compares it. */
export function siteOf(spec: FormSpec, id: string, values: Values): Site {
  const place = spec.place ? values[spec.place] : null;
  const title = spec.title.map((name) => [spec.fields[name]?.widget, values[name]] as const);
  const pick = (isWanted: (widget: string) => boolean) =>
    title.flatMap(([widget, value]) => (widget && isWanted(widget) && typeof value === "string" ? [value] : []));
  const happened = values[spec.happened];
  const day = /^\d{4}-\d{2}-\d{2}/.exec(typeof happened === "string" ? happened : "")?.[0] ?? "";
  const words = pick((widget) => ["text", "name", "phone"].includes(widget)).join(" ");
  return { id, place: isPlace(place) ? place : null, codes: pick((widget) => widget === "choice"), words, day };
}

/** Those of the others that may be the same place, the likeliest first: within 50 m and what both may be wrong, 100 m at most. */
export function near(here: Site, others: Site[]): Near[] {
  const found = others.flatMap((there) => compare(here, there) ?? []);
  return found.sort((a, b) => b.score - a.score || a.metres - b.metres || (a.id < b.id ? -1 : 1));
}

function compare(here: Site, there: Site): Near | null {
  if (!here.place || !there.place || here.id === there.id) return null;
  const metres = distance(here.place, there.place);
  const reach = Math.min(NEAR + (here.place.acc ?? 0) + (there.place.acc ?? 0), FURTHEST);
  const alike = likeness(here.words, there.words);
  if (metres > reach || !(here.codes.some((code) => there.codes.includes(code)) || alike >= ALIKE)) return null;
  const score = 1 - metres / FURTHEST + alike + sameTime(here.day, there.day);
  return { id: there.id, metres: Math.floor(metres + 0.5), score: Math.floor(score * 1000 + 0.5) / 1000 };
}

function likeness(a: string, b: string): number {
  const [first, second] = [a, b].map((text) => new Set(fold(text).split(/\s+/).filter(Boolean))) as [Set<string>, Set<string>];
  if (!first.size || !second.size) return 0;
  const shared = [...first].filter((word) => second.has(word)).length;
  return shared / (first.size + second.size - shared);
}

function sameTime(a: string, b: string): number {
  if (!a || !b) return 0;
  const apart = Math.abs(Date.parse(a) - Date.parse(b)) / 86_400_000;
  return Math.max(0, 1 - apart / LONG_AGO);
}
