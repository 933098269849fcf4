/** A vector tile (MVT) as paths of a few looks and some names. Knows the layer names of Protomaps and OpenMapTiles. */

import { VectorTile, type VectorTileFeature } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";

import type { Paint } from "./paint";

/** How a path is drawn; widths are pixels on the screen. In the order in which they are laid over each other. */
const LOOKS = {
  green: { fill: "green" },
  water: { fill: "water" },
  stream: { stroke: "shore", width: 2 },
  house: { fill: "house" },
  path: { stroke: "edge", width: 1, dash: [4, 3] },
  edge: { stroke: "edge", width: 7 },
  road: { stroke: "road", width: 5 },
  rail: { stroke: "edge", width: 2, dash: [8, 4] },
} as const satisfies Record<string, { fill?: keyof Paint; stroke?: keyof Paint; width?: number; dash?: readonly number[] }>;

type Look = keyof typeof LOOKS;

export interface Name {
  text: string;
  x: number;
  y: number;
  /** Small numbers are placed first. */
  rank: number;
}

/** A tile ready to be drawn: paths in its own units, `extent` to a side. */
export interface Drawn {
  extent: number;
  paths: Partial<Record<Look, Path2D>>;
  names: Name[];
}

const GREEN = new Set(["park", "grass", "wood", "forest", "meadow", "garden", "farmland", "cemetery", "pitch", "nature_reserve", "scrub", "recreation_ground"]);
const PATHS = new Set(["path", "track", "footway", "steps", "cycleway", "pedestrian", "other"]);
const MOST_NAMES = 60;

function lookOf(layer: string, kind: string, type: number): Look | null {
  if (/^(water|ocean)/.test(layer)) return type === 3 ? "water" : type === 2 ? "stream" : null;
  if (/^(landuse|landcover|park|natural)/.test(layer)) return type === 3 && GREEN.has(kind) ? "green" : null;
  if (/^building/.test(layer)) return type === 3 ? "house" : null;
  if (/^(road|transport)/.test(layer) && type === 2) return kind === "rail" ? "rail" : PATHS.has(kind) ? "path" : "road";
  return null;
}

function rankOf(layer: string): number {
  return /^place/.test(layer) ? 0 : /^(road|transport)/.test(layer) ? 1 : /^(water|poi)/.test(layer) ? 2 : 3;
}

/** Read a tile. Features that cannot be read are left out. */
export function readTile(data: ArrayBuffer): Drawn {
  const tile = new VectorTile(new PbfReader(new Uint8Array(data)));
  const drawn: Drawn = { extent: 4096, paths: {}, names: [] };
  for (const [name, layer] of Object.entries(tile.layers)) {
    drawn.extent = layer.extent;
    for (let i = 0; i < layer.length; i++) take(drawn, name, layer.feature(i));
  }
  drawn.names.sort((a, b) => a.rank - b.rank);
  drawn.names.length = Math.min(drawn.names.length, MOST_NAMES);
  return drawn;
}

function take(drawn: Drawn, layer: string, feature: VectorTileFeature): void {
  const kind = String(feature.properties["kind"] ?? feature.properties["class"] ?? "");
  const look = lookOf(layer, kind, feature.type);
  const text = feature.properties["name:vi"] ?? feature.properties["name"];
  if (!look && !text) return;
  const lines = feature.loadGeometry();
  if (look) {
    const path = (drawn.paths[look] ??= new Path2D());
    for (const line of lines) {
      line.forEach(({ x, y }, i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
      if (feature.type === 3) path.closePath();
    }
  }
  const longest = lines.reduce((a, b) => (b.length > a.length ? b : a), lines[0] ?? []);
  const middle = longest[Math.floor(longest.length / 2)];
  if (text && middle) drawn.names.push({ text: String(text), x: middle.x, y: middle.y, rank: rankOf(layer) });
}

/** Draw a tile into its square. Lines keep their width on the screen, however near the picture is. */
export function drawTile(context: CanvasRenderingContext2D, drawn: Drawn, at: { x: number; y: number; side: number }, zoom: number, paint: Paint): void {
  const scale = at.side / drawn.extent;
  const wider = Math.min(Math.max(2 ** ((zoom - 15) / 2), 0.5), 3);
  context.save();
  context.beginPath();
  context.rect(at.x, at.y, at.side, at.side);
  context.clip();
  context.translate(at.x, at.y);
  context.scale(scale, scale);
  context.lineCap = context.lineJoin = "round";
  for (const [name, look] of Object.entries(LOOKS) as [Look, { fill?: keyof Paint; stroke?: keyof Paint; width?: number; dash?: readonly number[] }][]) {
    // Every road is laid over the edges of all roads, so that crossings are open.
    const path = drawn.paths[name === "edge" ? "road" : name];
    if (!path) continue;
    if (look.fill) {
      context.fillStyle = paint[look.fill];
      context.fill(path, "evenodd");
      continue;
    }
    context.strokeStyle = paint[look.stroke!];
    context.lineWidth = (look.width! * wider) / scale;
    context.setLineDash((look.dash ?? []).map((length) => length / scale));
    context.stroke(path);
  }
  context.restore();
}
