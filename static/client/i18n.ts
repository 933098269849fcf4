/** Words of the interface. Vietnamese is in the bundle; English comes when it is chosen. */

import { signal } from "@preact/signals";

import checks from "../../app/i18n/catalogs/checks.vi.json";
import vi from "../../app/i18n/catalogs/phone.vi.json";
import type { Words } from "./types";

export type Key = keyof typeof vi | keyof typeof checks;

export const lang = signal<"vi" | "en">("vi");

const vietnamese: Record<string, string> = { ...checks, ...vi };
let chosen = vietnamese;

/** Add words that come with later screens. */
export function learn(words: Record<string, string>): void {
  Object.assign(vietnamese, words);
}

/** The words of `key`, with {places} filled in. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  // Reading the signal redraws whoever shows words when the language changes.
  void lang.value;
  const text = chosen[key] ?? vietnamese[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** The current language's half of a pair. */
export function w(words: Words): string {
  return lang.value === "en" ? words[1] : words[0];
}

/** The words of a problem code, or those of `our_fault` for one that this build does not know. They come with the later screens. */
export function problemWords(code: string): string {
  const key = `problem.${code}.title`;
  return t((key in vietnamese ? key : "problem.our_fault.title") as Key);
}

/** The words of a field's problem. */
export function checkWords(code: string): string {
  const key = `check.${code}`;
  return t((key in vietnamese ? key : "check.our_fault") as Key);
}

/** Load and turn to a language. The chosen one stays when the other cannot be loaded. */
export async function turnTo(language: "vi" | "en"): Promise<void> {
  if (language === "en") {
    const english = await import("./english");
    chosen = english.words;
  } else {
    chosen = vietnamese;
  }
  document.documentElement.lang = language;
  lang.value = language;
}
