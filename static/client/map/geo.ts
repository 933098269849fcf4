/** Points, distances, and what of the ground a picture shows (web mercator, tiles of 256 px). Pure. */

export interface LatLon {
  lat: number;
  lon: number;
}

/** South, west, north, east, in degrees. */
export type Box = readonly [south: number, west: number, north: number, east: number];

/** What a picture of this size, in CSS pixels, shows: its middle, and how near. */
export interface Camera extends LatLon {
  zoom: number;
  width: number;
  height: number;
}

export type XY = readonly [x: number, y: number];

export const NEAREST = 20;
export const FARTHEST = 9;
const TILE = 256;
const DEGREE = 111_320;
const EQUATOR = 40_075_016.7;
const rad = (degrees: number) => (degrees * Math.PI) / 180;
const six = (n: number) => Math.round(n * 1e6) / 1e6;

/** Metres between two points; exact enough within a city. */
export function distance(a: LatLon, b: LatLon): number {
  const east = (a.lon - b.lon) * DEGREE * Math.cos(rad((a.lat + b.lat) / 2));
  return Math.hypot((a.lat - b.lat) * DEGREE, east);
}

/** The point so many metres to the north and east. */
export function stepped(from: LatLon, north: number, east: number): LatLon {
  return { lat: six(from.lat + north / DEGREE), lon: six(from.lon + east / (DEGREE * Math.cos(rad(from.lat)))) };
}

/** Which of eight winds leads from one point to another: n, ne, e … */
export function wind(from: LatLon, to: LatLon): "n" | "ne" | "e" | "se" | "s" | "sw" | "w" | "nw" {
  const east = (to.lon - from.lon) * Math.cos(rad(from.lat));
  const turn = Math.round((Math.atan2(east, to.lat - from.lat) / Math.PI) * 4);
  return (["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const)[(turn + 8) % 8]!;
}

export function isOutside(box: Box, { lat, lon }: LatLon): boolean {
  return lat < box[0] || lon < box[1] || lat > box[2] || lon > box[3];
}

/** A point on the square of the whole world, 0 to 1. */
export function world({ lat, lon }: LatLon): XY {
  const y = Math.asinh(Math.tan(rad(lat))) / Math.PI;
  return [(lon + 180) / 360, (1 - y) / 2];
}

function ground([x, y]: XY): LatLon {
  return { lat: six((Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI), lon: six(x * 360 - 180) };
}

const side = (camera: Camera) => TILE * 2 ** camera.zoom;

export function toScreen(camera: Camera, point: LatLon): XY {
  const [x, y] = world(point);
  const [mx, my] = world(camera);
  return [(x - mx) * side(camera) + camera.width / 2, (y - my) * side(camera) + camera.height / 2];
}

export function toGround(camera: Camera, [x, y]: XY): LatLon {
  const [mx, my] = world(camera);
  return ground([mx + (x - camera.width / 2) / side(camera), my + (y - camera.height / 2) / side(camera)]);
}

export function metresPerPixel(camera: Camera): number {
  return (EQUATOR * Math.cos(rad(camera.lat))) / side(camera);
}

/** The same picture after the ground was dragged by so many pixels. */
export function dragged(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, ...toGround(camera, [camera.width / 2 - dx, camera.height / 2 - dy]) };
}

/** Nearer or farther by so many steps of two, the ground under `at` (its middle, if not given) staying where it is. */
export function zoomed(camera: Camera, by: number, at: XY = [camera.width / 2, camera.height / 2]): Camera {
  const zoom = Math.min(Math.max(camera.zoom + by, FARTHEST), NEAREST);
  const near = { ...camera, zoom };
  const [x, y] = toScreen(near, toGround(camera, at));
  return dragged(near, at[0] - x, at[1] - y);
}

/** A picture that shows all of these points, with some room around them, no nearer than `nearest`. */
export function fitted(points: readonly LatLon[], width: number, height: number, nearest = 17): Camera | null {
  if (!points.length) return null;
  const xs = points.map((point) => world(point)[0]);
  const ys = points.map((point) => world(point)[1]);
  const [west, east, north, south] = [least(xs), most(xs), least(ys), most(ys)];
  const span = Math.max((east - west) / Math.max(width - 64, 64), (south - north) / Math.max(height - 64, 64));
  const zoom = span > 0 ? Math.log2(1 / (span * TILE)) : nearest;
  return { ...ground([(west + east) / 2, (north + south) / 2]), zoom: Math.min(Math.max(zoom, FARTHEST), nearest), width, height };
}

/** The points without those that lie further than so many metres from the middle one: one slip must not empty the picture. */
export function together<T extends LatLon>(points: readonly T[], within: number): T[] {
  const middle = (of: (point: T) => number) => points.map(of).sort((a, b) => a - b)[Math.floor(points.length / 2)]!;
  if (!points.length) return [];
  const there = { lat: middle(({ lat }) => lat), lon: middle(({ lon }) => lon) };
  return points.filter((point) => distance(there, point) <= within);
}

// Not Math.min(...): a ward has more points than a call has room for arguments.
const least = (numbers: number[]) => numbers.reduce((a, b) => Math.min(a, b));
const most = (numbers: number[]) => numbers.reduce((a, b) => Math.max(a, b));

/** The longest round length that is at most so many pixels long. */
export function scaleBar(perPixel: number, widest: number): { metres: number; pixels: number } {
  const longest = perPixel * widest;
  const ten = 10 ** Math.floor(Math.log10(longest));
  const metres = [5, 2, 1].map((n) => n * ten).find((length) => length <= longest)!;
  return { metres, pixels: metres / perPixel };
}

/** One step of the arrow buttons in metres: some 24 pixels, a round number, one metre at least. */
export function stepOf(camera: Camera): number {
  return Math.max(scaleBar(metresPerPixel(camera), 24).metres, 1);
}

/** The tiles of a zoom level that a picture touches, those in its middle first. */
export function tilesOf(camera: Camera, level: number): [z: number, x: number, y: number][] {
  const n = 2 ** level;
  const corner = (at: XY) => world(toGround(camera, at)).map((part) => Math.floor(part * n)) as [number, number];
  const [left, top] = corner([0, 0]);
  const [right, bottom] = corner([camera.width, camera.height]);
  const middle = world(camera).map((part) => part * n - 0.5) as [number, number];
  const found: [number, number, number][] = [];
  for (let x = Math.max(left, 0); x <= Math.min(right, n - 1); x++)
    for (let y = Math.max(top, 0); y <= Math.min(bottom, n - 1); y++) found.push([level, x, y]);
  const off = ([, x, y]: [number, number, number]) => Math.hypot(x - middle[0], y - middle[1]);
  return found.sort((a, b) => off(a) - off(b));
}

/** Where a tile lies in a picture: its corner and the length of its side. */
export function tileAt(camera: Camera, [z, x, y]: readonly [number, number, number]): { x: number; y: number; side: number } {
  const n = 2 ** z;
  const [mx, my] = world(camera);
  return { x: (x / n - mx) * side(camera) + camera.width / 2, y: (y / n - my) * side(camera) + camera.height / 2, side: side(camera) / n };
}

interface Heap<T> {
  column: number;
  row: number;
  x: number;
  y: number;
  members: T[];
}

/** Points that would touch, taken together: each group with the middle of its members, in pixels. */
export function clustered<T extends LatLon>(camera: Camera, points: readonly T[], apart = 44): { at: XY; members: T[] }[] {
  const heaps = new Map<string, Heap<T>>();
  // The grid lies on the ground, so that groups stay together while the picture moves.
  const cell = apart / side(camera);
  for (const point of points) {
    const [column, row] = world(point).map((part) => Math.floor(part / cell)) as [number, number];
    const [x, y] = toScreen(camera, point);
    const here = heaps.get(`${column} ${row}`);
    if (here) add(here, { x, y, members: [point] });
    else heaps.set(`${column} ${row}`, { column, row, x, y, members: [point] });
  }
  for (const heap of heaps.values()) gather(heaps, heap, apart * 0.75);
  return [...heaps.values()].map((heap) => ({ at: middleOf(heap), members: heap.members }));
}

/** Two groups on either side of a line of the grid may touch all the same: then they are one. */
function gather<T>(heaps: Map<string, Heap<T>>, heap: Heap<T>, touch: number): void {
  for (const [right, down] of [[1, 0], [0, 1], [1, 1], [-1, 1], [-1, 0], [0, -1], [-1, -1], [1, -1]] as const) {
    const key = `${heap.column + right} ${heap.row + down}`;
    const other = heaps.get(key);
    if (!other) continue;
    const [a, b] = [middleOf(heap), middleOf(other)];
    if (Math.hypot(a[0] - b[0], a[1] - b[1]) >= touch) continue;
    add(heap, other);
    heaps.delete(key);
  }
}

const middleOf = ({ x, y, members }: { x: number; y: number; members: unknown[] }): XY => [x / members.length, y / members.length];

function add<T>(to: { x: number; y: number; members: T[] }, more: { x: number; y: number; members: T[] }): void {
  to.x += more.x;
  to.y += more.y;
  to.members.push(...more.members);
}
