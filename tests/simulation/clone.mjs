/** `structuredClone`, quick for the plain values that a phone stores and Node's own for all else. */

/** What carries this is never copied. */
export const KEPT_AS_IT_IS = Symbol.for("kept as it is");

const real = globalThis.structuredClone;

export function structuredClone(value) {
  if (value === null || typeof value !== "object") return typeof value === "function" || typeof value === "symbol" ? real(value) : value;
  if (Array.isArray(value)) return value.map(structuredClone);
  if (value[KEPT_AS_IT_IS]) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return real(value);
  const copy = {};
  for (const name of Object.keys(value)) copy[name] = structuredClone(value[name]);
  return copy;
}
