/**
 * "Hide now": one tap and the app is a plain calendar, whatever was on the screen. Going back through the history, or
 * loading the page anew, shows the calendar again; its owner comes back by tapping today three times, or by opening
 * the app from its sign. And what is on the screen is covered while the page is hidden: the picture that a phone
 * keeps for its list of open apps shows nothing.
 */

import { signal } from "@preact/signals";

import { beforeHandOver } from "./health";
import { address } from "./route";
import { shut } from "./state";

const NAME = "hidden";
/** Where a hidden app is, for the browser's history. */
const PLACE = "#/c";

export const hidden = signal(remembered());

/** Hide. What was typed begins to be written at once; the screen does not wait for that, for it is in memory. */
export function hideNow(): void {
  for (const work of beforeHandOver) void work().catch(() => undefined);
  remember(true);
  void shut();
}

/** Its owner is back. */
export function showAgain(): void {
  remember(false);
  history.replaceState(null, "", "#/");
  address.value = location.hash;
}

/** Whatever address the history leads to while the app is hidden, it is left at once. */
export function stayHidden(): void {
  if (location.hash !== PLACE) history.replaceState(null, "", PLACE);
}

function remembered(): boolean {
  try {
    return sessionStorage.getItem(NAME) !== null;
  } catch {
    return false;
  }
}

function remember(is: boolean): void {
  hidden.value = is;
  try {
    if (is) sessionStorage.setItem(NAME, "1");
    else sessionStorage.removeItem(NAME);
  } catch {
    // A browser that remembers nothing shows the first screen after a reload.
  }
}

const cover = (is: boolean) => document.documentElement.classList.toggle("covered", is);
document.addEventListener("visibilitychange", () => cover(document.hidden));
addEventListener("pagehide", () => cover(true));
addEventListener("pageshow", () => cover(false));
