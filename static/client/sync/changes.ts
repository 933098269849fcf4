/** What a save sends. Pure. */

import { isFilled } from "../forms/conditions";
import type { Value, Values } from "../types";

/** The answers that differ; one that was emptied is sent as null. */
export function changed(values: Values, base: Values): Values {
  const same = (a: Value, b: Value) => (!isFilled(a) && !isFilled(b)) || JSON.stringify(a) === JSON.stringify(b);
  const names = [...new Set([...Object.keys(values), ...Object.keys(base)])];
  return Object.fromEntries(
    names.filter((name) => !same(values[name], base[name])).map((name) => [name, isFilled(values[name]) ? values[name] : null]),
  );
}

/** YYYY-MM-DDTHH:MM:SS with this phone's offset, as RFC 3339 has it. */
export function localMoment(when: Date): string {
  const offset = -when.getTimezoneOffset();
  const two = (n: number) => String(Math.trunc(Math.abs(n))).padStart(2, "0");
  const local = new Date(when.getTime() + offset * 60_000).toISOString().slice(0, 19);
  return `${local}${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
}
