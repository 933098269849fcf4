/** Small things that this phone remembers having said, and how it likes to look. Not data: losing it costs nothing. */

import { signal } from "@preact/signals";

type Theme = "auto" | "light" | "dark";

const seen = signal(new Set(read("seen").split(" ")));

/** The chosen colours. */
export const theme = signal<Theme>((read("theme") || "auto") as Theme);

/** Whether a notice was answered before. */
export function hasSeen(notice: string): boolean {
  return seen.value.has(notice);
}

/** Do not show a notice again. */
export function markSeen(notice: string): void {
  seen.value = new Set([...seen.value, notice]);
  write("seen", [...seen.value].join(" "));
}

/** Turn to the chosen colours, now and at the next start. */
export function wear(chosen: Theme): void {
  theme.value = chosen;
  write("theme", chosen);
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

function read(name: string): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that refuses to remember still works; it only asks again.
  }
}
