/** Answers as people type and read them: numbers with a comma, codes in words. Pure. */

import { fold } from "../vietnamese";
import { showDay, showMoment } from "../pieces/dates";
import type { Field, Photo, Value, Words } from "../types";

type InWords = (words: Words) => string;

/** A typed number. "1,5", "1.5" and "1.234,5" are read; anything else stays as typed, so nothing is lost. */
export function readNumber(typed: string, decimals: boolean): number | string | null {
  const text = typed.replace(/\s/g, "");
  if (!text) return null;
  const thousands = /^-?\d{1,3}(\.\d{3})+$/.test(text) && !decimals;
  const plain = text.includes(",") || thousands ? text.replace(/\./g, "").replace(",", ".") : text;
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : typed;
}

/** A number as it is written here: 1.234,5. What could not be read comes back as it was typed. */
export function showNumber(value: unknown): string {
  if (typeof value !== "number") return value == null ? "" : String(value);
  const [whole, rest] = String(Math.abs(value)).split(".");
  const grouped = whole!.length > 3 ? whole!.replace(/\B(?=(\d{3})+$)/g, ".") : whole!;
  return (value < 0 ? "-" : "") + grouped + (rest ? `,${rest}` : "");
}

function codeWords(field: Field, code: string, w: InWords): string {
  const known = field.codes?.find((option) => option.code === code);
  return known ? w(known.label) : code;
}

/** An answer in words. Records are named by their own title, which the caller knows. */
export function showAnswer(field: Field, value: Value, w: InWords, titleOf: (id: string) => string): string {
  if (value == null || value === "") return "";
  switch (field.widget) {
    case "choice":
      return codeWords(field, String(value), w);
    case "choices":
      return Array.isArray(value) ? value.map((code) => codeWords(field, String(code), w)).join(", ") : String(value);
    case "number":
      return showNumber(value);
    case "day":
      return showDay(String(value));
    case "moment":
      return showMoment(String(value));
    case "record":
      return titleOf(String(value));
    case "place":
      return showPlace(value);
    case "photos":
      return countWords(photosOf(value).length, w);
    case "phone":
      return String(value).replace(/^\+84(\d{3})(\d{3})(\d{3})$/, "0$1 $2 $3").replace(/^\+84(\d{2})(\d{4})(\d{4})$/, "0$1 $2 $3");
    default:
      return String(value);
  }
}

/** The photos of an answer; none when it is of another shape. */
export function photosOf(value: Value): Photo[] {
  return Array.isArray(value) ? value.filter((one): one is Photo => typeof one === "object" && typeof one?.id === "string") : [];
}

const countWords = (n: number, w: InWords) => (n ? w([`${n} ảnh`, n === 1 ? "1 photo" : `${n} photos`]) : "");

/** A point as 21.03961, 105.91820 (± 12 m): with dots, so that it can be copied into any map. */
export function showPlace(value: Value): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return String(value ?? "");
  const { lat, lon, acc } = value;
  const point = `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  return acc == null ? point : `${point} (± ${Math.round(acc)} m)`;
}

/** The pieces of `text` before, in and after the first match of `query`, marks ignored; null when it does not match. */
export function matched(text: string, query: string): [string, string, string] | null {
  const wanted = fold(query);
  if (!wanted) return [text, "", ""];
  const letters = [...text.normalize("NFC")];
  for (let from = 0; from < letters.length; from++) {
    if (!fold(letters[from]!)) continue;
    for (let to = from + 1; to <= letters.length; to++) {
      const found = fold(letters.slice(from, to).join(""));
      if (found === wanted) return [letters.slice(0, from).join(""), letters.slice(from, to).join(""), letters.slice(to).join("")];
      if (found.length > wanted.length) break;
    }
  }
  return null;
}
