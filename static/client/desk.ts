/** Keys for the desk: j k x a r and ?; the map; passkeys. Every page works without this file; nothing here writes anything. */

const OFF = "desk-keys-off";
const links = (): HTMLAnchorElement[] => [...document.querySelectorAll<HTMLAnchorElement>(".queue tbody td:first-child a")];

function move(step: number): void {
  const all = links();
  const at = all.indexOf(document.activeElement as HTMLAnchorElement);
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** The box of the line that the keyboard is at. */
const box = (): HTMLInputElement | null | undefined => document.activeElement?.closest("tr")?.querySelector("input[name=pick]");

function pick(): void {
  const found = box();
  if (found) found.checked = !found.checked;
}

/** In a list `a` acts on what is ticked, which is at least this line, and `r` on this line. */
function inList(key: string): void {
  const line = document.activeElement as HTMLAnchorElement | null;
  const found = box();
  if (!found || !line?.href) return;
  if (key === "a" && !document.querySelector("input[name=pick]:checked")) found.checked = true;
  if (key === "r") location.href = `${line.href}/return`;
}

function to(key: string): void {
  inList(key);
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
  x: pick,
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

// Passkeys: without this file, or in a browser without them, everybody has the other ways.
if ("PublicKeyCredential" in window) {
  document.querySelectorAll<HTMLElement>("[data-passkey-door]").forEach((door) => (door.hidden = false));
  const form = document.querySelector<HTMLFormElement>("form[data-passkey]");
  if (form) void import("./desk-passkey").then(({ offer }) => offer(form)).catch(() => undefined);
}

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
