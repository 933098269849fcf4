/** Keys for the desk: j k a r and ?; and the map. Every page works without this file; nothing here writes anything. */

const OFF = "desk-keys-off";
const links = (): HTMLAnchorElement[] => [...document.querySelectorAll<HTMLAnchorElement>(".queue tbody td:first-child a")];

function move(step: number): void {
  const all = links();
  const at = all.indexOf(document.activeElement as HTMLAnchorElement);
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function to(key: string): void {
  const target = document.querySelector<HTMLElement>(`[data-key="${key}"]`);
  // A link only leads somewhere; a button writes, so the key goes to it and Enter presses it.
  if (target instanceof HTMLAnchorElement) target.click();
  else target?.focus();
}

const help = document.querySelector<HTMLDetailsElement>("#keys");
const off = document.querySelector<HTMLInputElement>("#keys-off");
const remember = (): string | null => {
  try {
    return localStorage.getItem(OFF);
  } catch {
    return null; // storage refused by the browser: keys stay on
  }
};

const keys: Record<string, () => void> = {
  j: () => move(1),
  k: () => move(-1),
  a: () => to("a"),
  r: () => to("r"),
  "?": () => {
    if (help) help.open = !help.open;
  },
};

addEventListener("keydown", (event) => {
  const typing = (event.target as Element).closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") document.querySelectorAll<HTMLDetailsElement>(".pop[open]").forEach((pop) => (pop.open = false));
  if (typing || event.ctrlKey || event.metaKey || event.altKey || remember()) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

const frame = document.querySelector<HTMLElement>("[data-places]");
if (frame) {
  document.querySelector("[data-map-plain]")?.remove();
  import("./map/desk-map").then(({ drawMap }) => drawMap(frame)).catch(() => {
    frame.hidden = true;
    document.querySelector<HTMLElement>("[data-map-failed]")!.hidden = false;
  });
}

// A record's point on the ward's map; without a map the drawing in the page stays.
const spot = document.querySelector<HTMLElement>("[data-point]");
if (spot?.dataset["file"]) void import("./map/desk-map").then(({ drawPoint }) => drawPoint(spot)).catch(() => undefined);

if (off) {
  off.checked = Boolean(remember());
  off.addEventListener("change", () => {
    try {
      if (off.checked) localStorage.setItem(OFF, "1");
      else localStorage.removeItem(OFF);
    } catch {
      off.checked = false;
    }
  });
}
