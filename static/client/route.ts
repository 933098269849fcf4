/** The address: what follows the #. Screens read it and go; the app draws what it says. */

import { signal } from "@preact/signals";

export interface Route {
  /** "form" of #/form/<id>/2 */
  name: string;
  rest: string[];
}

export const address = signal(location.hash);

/** Scroll positions of lists, so that coming back from a record finds the place. */
const places = new Map<string, number>();
let moves = 0;

/** False until the first change of screen: a page that just opened keeps its own focus. */
export const hasMoved = (): boolean => moves > 0;

function arrive(): void {
  const from = address.peek();
  if (from === location.hash) return;
  places.set(from, scrollY);
  moves++;
  address.value = location.hash;
  const isBack = from.startsWith("#/record/") && !location.hash.startsWith("#/record/");
  // The list is drawn in the next microtask; its height is there in the next frame.
  requestAnimationFrame(() => scrollTo(0, isBack ? (places.get(location.hash) ?? 0) : 0));
}

addEventListener("hashchange", arrive);

// The browser tells of a followed link late, some frames after the tap: draw the screen at once instead.
document.addEventListener("click", (event) => {
  const link = (event.target as Element).closest?.("a[href^='#/']");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.getAttribute("href")!);
});

/** Go to a screen; `instead` when the present one must not be come back to. */
export function go(hash: string, instead = false): void {
  if (hash === location.hash) return;
  history[instead ? "replaceState" : "pushState"](null, "", hash);
  arrive();
}

/** The parts of an address; query strings are not part of the route. */
export function routeOf(hash: string): Route {
  const [name = "", ...rest] = hash.replace(/^#\/?/, "").split("?")[0]!.split("/").map(decodeURIComponent);
  return { name, rest };
}

/** A sign-in code that came with the address (a QR code, a message). It is taken out of the history at once. */
export function takeCode(): string {
  const code = /^#\/sign-in\?(?:.*&)?code=([^&]*)/.exec(location.hash)?.[1];
  if (code === undefined) return "";
  history.replaceState(null, "", "#/sign-in");
  address.value = "#/sign-in";
  return decodeURIComponent(code);
}
