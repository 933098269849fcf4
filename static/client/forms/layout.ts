/** What of a form is on the page: shown fields, folded fields, parts that hold something. Pure. */

import type { Condition, Field, FormSpec, Section, Values } from "../types";
import { holds, isFilled } from "./conditions";

/** What this build can draw: the ward's forms may be newer, and what it does not know it leaves alone. */
const DRAWN = new Set(["text", "name", "phone", "number", "choice", "choices", "day", "moment", "place", "record", "photos"]);

/** Whether a field shows with these answers. Fields of the desk, and those asked no more, are never on the phone's form. */
export function isShown(spec: FormSpec, name: string, values: Values, today: string): boolean {
  const field = spec.fields[name];
  return !!field && field.owner !== "desk" && !field.retired && DRAWN.has(field.widget) && isAsked(field, values, today);
}

/** Whether a field's own condition lets it be asked. */
export function isAsked(field: Field, values: Values, today: string): boolean {
  return !field.show || holds(field.show, values, today);
}

/**
 * Answers as they are saved: those to questions that the form does not ask now are emptied. What the desk owns and
 * what only an older form asked are nobody's business here and stay as they are.
 */
export function withoutHidden(spec: FormSpec, values: Values, today: string): Values {
  const isOurs = (field: Field | undefined) => field?.owner === "phone" && !field.retired;
  const isHidden = (name: string) => isOurs(spec.fields[name]) && !isAsked(spec.fields[name]!, values, today);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isHidden(name) ? null : value]));
}

/** The parts that have at least one question now. */
export function liveSections(spec: FormSpec, values: Values, today: string): Section[] {
  return spec.sections.filter((section) => section.fields.some((name) => isShown(spec, name, values, today)));
}

/** The fields that a condition reads. */
function reads(condition: Condition): string[] {
  const [test, ...rest] = condition as [string, ...unknown[]];
  if (test === "and" || test === "or" || test === "not") return rest.flatMap((part) => reads(part as Condition));
  return [String(rest[0])];
}

/**
 * The fields of a part that start folded away: those a quick visit does not need.
 * A part without quick fields folds nothing, and a question that follows another one stays beside it.
 */
export function foldedFields(spec: FormSpec, section: Section): Set<string> {
  const folded = new Set<string>();
  if (!section.fields.some((name) => spec.fields[name]?.quick)) return folded;
  for (const name of section.fields) {
    const field = spec.fields[name];
    if (!field || field.quick || field.required === true) continue;
    if (!field.show || reads(field.show).some((other) => folded.has(other))) folded.add(name);
  }
  return folded;
}

/** Whether every answer that this part must have is there, and at least one was given. */
export function isDone(spec: FormSpec, section: Section, values: Values, missing: Set<string>): boolean {
  return section.fields.some((name) => isFilled(values[name])) && !section.fields.some((name) => missing.has(name) && spec.fields[name]);
}

/**
 * Whether the answers say that a child is in danger now: the numbers then stand before the questions.
 * That is so when a field has its most dangerous answer and its own kind warns about just that.
 */
export function isDanger(spec: FormSpec, values: Values, today: string): boolean {
  return Object.entries(spec.fields).some(
    ([name, field]) =>
      field.safety && values[name] === field.safety[0] && field.warn?.some((warning) => holds(warning.when, values, today)),
  );
}
