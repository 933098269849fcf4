/** Which codes will do. Pure. */

export type Kind = "pin" | "phrase";
export type Weakness = "short" | "weak";

export const DIGITS = 6;
const SHORTEST = 12;
const UP = "012345678901234";
const DOWN = [...UP].reverse().join("");

/** A code as it counts: the same whether letters and marks came in one piece or in several. */
export const plain = (typed: string): string => typed.normalize("NFC").trim().replace(/\s+/g, " ");

/** Why a code will not do; null when it will. Six digits that are guessed first: one digit, a run, a pair or triple repeated. */
export function weakness(kind: Kind, typed: string): Weakness | null {
  const code = plain(typed);
  if (kind === "phrase") {
    if ([...code].length < SHORTEST) return "short";
    return new Set(code).size < 5 ? "weak" : null;
  }
  if (!/^\d{6}$/.test(code)) return "short";
  const repeats = /^(\d\d)\1\1$|^(\d{3})\2$|^(\d)\3+$/.test(code);
  return repeats || UP.includes(code) || DOWN.includes(code) ? "weak" : null;
}
