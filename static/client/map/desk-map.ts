/** The desk's drawing of the places that the list below it holds: filters are the page's, this only draws. */

import { FetchSource } from "pmtiles";

import { MapCanvas, type Mark, type Shown } from "./canvas";
import { fitted, type LatLon, NEAREST, together, zoomed } from "./geo";
import { openFile, openServer } from "./ground";
import { lookOf } from "./looks";

interface Feature {
  id: string;
  geometry: { coordinates: [lon: number, lat: number] };
  properties: { title: string; state: string; risk?: unknown };
}

const DONE = new Set(["closed", "duplicate"]);
/** What lies further than this from the middle of all, in metres, is a slip of somebody's phone: the list has it. */
const REACH = 20_000;
/** More names than this are not listed beside the map: the filters are for that. */
const LISTED = 12;

function markOf({ id, geometry: { coordinates: [lon, lat] }, properties: { risk, state } }: Feature): Mark {
  return { id, lat, lon, look: lookOf(risk), done: DONE.has(state) };
}

/** Draw into `frame`, from what its data attributes name. Throws when the places cannot be fetched. */
export async function drawMap(frame: HTMLElement): Promise<void> {
  const data = frame.dataset as Record<"places" | "record" | "file" | "tiles" | "box" | "north", string>;
  const answer = await fetch(data.places);
  if (!answer.ok) throw new Error(`places: ${answer.status}`);
  const { features } = (await answer.json()) as { features: Feature[] };
  frame.hidden = false;
  const titles = new Map(features.map(({ id, properties }) => [id, properties.title]));
  const marks = features.map(markOf);
  const canvas = frame.querySelector("canvas")!;
  const corners = boxOf(data.box);
  const usual = together(marks, REACH);
  const all = () => fitted(usual.length ? usual : corners, canvas.clientWidth, canvas.clientHeight) ?? { lat: 21.03, lon: 105.9, zoom: 12, width: 320, height: 320 };
  const shown: Shown = { camera: all(), ground: null, marks, ring: null, pin: false, chosen: null, north: data.north };
  const chosen = frame.querySelector<HTMLElement>(".map-chosen")!;
  const map: MapCanvas = new MapCanvas(canvas, shown, {
    moved: () => undefined,
    tapped: (members) => choose(map, chosen, members, titles, data.record),
  });
  for (const button of frame.querySelectorAll<HTMLButtonElement>("[data-map]")) {
    const act = { in: () => zoomed(shown.camera, 1), out: () => zoomed(shown.camera, -1), all }[button.dataset["map"] as "in" | "out" | "all"];
    button.addEventListener("click", () => map.look(act()));
  }
  if (data.file) shown.ground = await openFile(new FetchSource(data.file), map.redraw).catch(() => null);
  else if (data.tiles) shown.ground = openServer(data.tiles, map.redraw);
  map.redraw();
}

/** A record's point on the ward's map, in place of the plain drawing. Throws when the map cannot be read: that one stays. */
export async function drawPoint(frame: HTMLElement): Promise<void> {
  const { point, file, north } = frame.dataset as Record<"point" | "file" | "north", string>;
  const [lat, lon, acc] = point.split(",").map((part) => (part ? Number(part) : null)) as [number, number, number | null];
  const plain = frame.querySelector("svg")!;
  const canvas = document.createElement("canvas");
  const shown: Shown = {
    camera: { lat, lon, zoom: 16.5, width: plain.clientWidth, height: plain.clientHeight },
    ground: null,
    marks: [{ id: "", lat, lon, look: "brick", done: false }],
    ring: { lat, lon, acc },
    pin: false,
    chosen: null,
    north,
  };
  const redraw = { later: (): void => undefined };
  shown.ground = await openFile(new FetchSource(file), () => redraw.later());
  canvas.className = "map-canvas small";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", plain.getAttribute("aria-label") ?? "");
  plain.replaceWith(canvas);
  redraw.later = new MapCanvas(canvas, shown, { moved: () => undefined, tapped: () => undefined }).redraw;
}

/** Go nearer to a group that can still be told apart; name what was tapped otherwise. */
function choose(map: MapCanvas, panel: HTMLElement, members: Mark[], titles: Map<string, string>, record: string): void {
  const { shown } = map;
  const together = fitted(members, shown.camera.width, shown.camera.height, NEAREST);
  if (members.length > 1 && together && together.zoom > shown.camera.zoom + 0.5 && shown.camera.zoom < NEAREST) return map.look(together);
  shown.chosen = members[0]?.id ?? null;
  map.redraw();
  const links = members.slice(0, LISTED).map(({ id }) => {
    const link = Object.assign(document.createElement("a"), { href: record.replace(/-$/, id), textContent: titles.get(id) ?? id });
    const line = document.createElement("li");
    line.append(link);
    return line;
  });
  const list = document.createElement("ul");
  list.append(...links);
  const many = document.createElement("p");
  many.textContent = (panel.dataset["many"] ?? "#").replace("#", String(members.length));
  panel.replaceChildren(...(members.length > LISTED ? [many, list] : members.length ? [list] : []));
}

function boxOf(text: string): LatLon[] {
  const [south, west, north, east] = text.split(",").map(Number);
  return east === undefined ? [] : [{ lat: south!, lon: west! }, { lat: north!, lon: east }];
}
