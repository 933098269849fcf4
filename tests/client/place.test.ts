/** Places on the phone: readings that become one, what lies near, and what of the ground a picture shows. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import type { Reading } from "../../static/client/device/place";
import * as geo from "../../static/client/map/geo";
import { near, type Near, type Site } from "../../static/client/map/near";
import { fetchMap, forget, here, isWhole, PIECE, Pieces } from "../../static/client/map/ward-file";
import { average } from "../../static/client/place/average";
import { Offline } from "../../static/client/sync/protocol";

declare const VECTORS: string;
const cases = JSON.parse(readFileSync(`${VECTORS}/near.json`, "utf8")) as { says: string; here: Site; others: Site[]; near: Near[] }[];
for (const one of cases) test(`near: ${one.says}`, () => assert.deepEqual(near(one.here, one.others), one.near));

const POND = { lat: 21.0437, lon: 105.9259 };
const T0 = Date.parse("2026-06-03T02:12:44Z");
const read = (north: number, acc: number, seconds = 0, east = 0): Reading => ({ ...geo.stepped(POND, north, east), acc, at: T0 + seconds * 1000 });
const off = (found: ReturnType<typeof average>) => Math.round(geo.distance(POND, found!.point));

test("no reading, no place", () => assert.equal(average([]), null));

test("one reading is itself, with its accuracy and its time", () => {
  assert.deepEqual(average([read(0, 12)]), { point: { ...POND, acc: 12, how: "gps", at: "2026-06-03T02:12:44.000Z" }, count: 1 });
});

test("the more exact reading weighs more: 5 m against 20 m is 16 to 1", () => {
  const found = average([read(17, 20), read(0, 5, 1)])!;
  assert.deepEqual([off(found), found.point.acc, found.count], [1, 5, 2]);
});

test("many readings never claim to be more exact than the best of them, nor than they are scattered", () => {
  const alike = average(Array.from({ length: 20 }, (_, i) => read(i % 2, 8, i)))!;
  assert.equal(alike.point.acc, 8);
  const scattered = average([read(0, 10), read(19, 10, 1), read(29, 10, 2)])!;
  assert.equal(scattered.point.acc, 12);
});

test("a phone that says 0 m is not believed", () => assert.equal(average([read(0, 0)])!.point.acc, 1));

test("who walks on is followed, and what was measured before is forgotten", () => {
  const found = average([read(0, 6), read(1, 6, 1), read(60, 7, 20), read(61, 7, 21)])!;
  assert.deepEqual([off(found), found.count], [61, 2]);
});

test("one wild reading, not exact and far away, moves nothing", () => {
  const found = average([read(0, 6), read(1, 6, 1), read(300, 80, 2), read(0, 6, 3)])!;
  assert.deepEqual([off(found), found.count], [0, 3]);
});

test("readings older than a minute count no more", () => {
  const found = average([read(9, 6), read(0, 6, 70)])!;
  assert.deepEqual([off(found), found.count], [0, 1]);
});

const camera: geo.Camera = { ...POND, zoom: 17, width: 360, height: 400 };

test("a point on the screen and back", () => {
  for (const at of [[0, 0], [180, 200], [359, 12]] as const) {
    const [x, y] = geo.toScreen(camera, geo.toGround(camera, at));
    assert.ok(Math.hypot(x - at[0], y - at[1]) < 0.3, `${at} → ${x}, ${y}`);
  }
});

test("a step north is up, and as long as it says", () => {
  const there = geo.stepped(POND, 50, 0);
  assert.equal(Math.round(geo.distance(POND, there)), 50);
  const [x, y] = geo.toScreen(camera, there);
  assert.equal(Math.round(x), 180);
  assert.ok(Math.abs(200 - y - 50 / geo.metresPerPixel(camera)) < 1);
});

test("the ground under the finger stays under it while the picture comes nearer", () => {
  const at = [40, 90] as const;
  const before = geo.toGround(camera, at);
  assert.ok(geo.distance(before, geo.toGround(geo.zoomed(camera, 1.7, at), at)) < 0.5);
});

test("a picture fitted to points shows all of them", () => {
  const points = [POND, geo.stepped(POND, 900, 40), geo.stepped(POND, -30, 2_000)];
  const fit = geo.fitted(points, 360, 400)!;
  for (const point of points) {
    const [x, y] = geo.toScreen(fit, point);
    assert.ok(x >= 0 && x <= 360 && y >= 0 && y <= 400, `${x}, ${y}`);
  }
  assert.equal(geo.fitted([POND], 360, 400)!.zoom, 17);
  assert.equal(geo.fitted([], 360, 400), null);
});

test("one point in another country does not empty the picture of a ward", () => {
  const ward = [POND, geo.stepped(POND, 900, 40), geo.stepped(POND, -30, 2_000)];
  assert.deepEqual(geo.together([{ lat: 48.85, lon: 2.35 }, ...ward], 20_000), ward);
  assert.deepEqual(geo.together([], 20_000), []);
});

test("the scale is the longest round number that fits", () => {
  assert.deepEqual(geo.scaleBar(1, 120), { metres: 100, pixels: 100 });
  assert.deepEqual(geo.scaleBar(0.3, 120), { metres: 20, pixels: 20 / 0.3 });
  assert.equal(geo.scaleBar(7, 120).metres, 500);
});

test("eight winds", () => {
  const winds = [[9, 0], [9, 9], [0, 9], [-9, 9], [-9, 0], [-9, -9], [0, -9], [9, -9]].map(([n, e]) => geo.wind(POND, geo.stepped(POND, n!, e!)));
  assert.deepEqual(winds, ["n", "ne", "e", "se", "s", "sw", "w", "nw"]);
});

test("clusters hold every point once, and fall apart as the picture comes nearer", () => {
  const points = Array.from({ length: 3_101 }, (_, i) => ({ ...geo.stepped(POND, (i % 56) * 30, Math.floor(i / 56) * 30), id: String(i) }));
  const counts = [12, 15, 18].map((zoom) => {
    const groups = geo.clustered({ ...camera, zoom }, points);
    assert.equal(new Set(groups.flatMap(({ members }) => members.map(({ id }) => id))).size, 3_101);
    return groups.length;
  });
  assert.ok(counts[0]! < counts[1]! && counts[1]! < counts[2]!, String(counts));
});

test("two marks that touch across a line of the grid are one group", () => {
  for (let east = 0; east < 40; east += 3) {
    const one = geo.stepped(POND, 0, east);
    const other = geo.stepped(POND, 0, east + 12 * geo.metresPerPixel(camera));
    assert.equal(geo.clustered(camera, [one, other]).length, 1, `at ${east} m`);
  }
});

test("the tiles of a picture cover its corners", () => {
  const tiles = geo.tilesOf(camera, 17);
  const spans = tiles.map((tile) => geo.tileAt(camera, tile));
  for (const [x, y] of [[1, 1], [359, 1], [1, 399], [359, 399]] as const)
    assert.ok(spans.some((at) => x >= at.x && x <= at.x + at.side && y >= at.y && y <= at.y + at.side));
  assert.ok(tiles.length <= 9);
});

/** A cache as the browser has it, and a ward that gives ranges of a file and breaks where it is told to. */
class OneCache {
  readonly kept = new Map<string, Uint8Array>();
  keys = async () => [...this.kept.keys()].map((url) => ({ url: `https://ward.example${url}` }));
  match = async (url: string) => (this.kept.has(url) ? new Response(this.kept.get(url) as Uint8Array<ArrayBuffer>) : undefined);
  put = async (url: string, answer: Response) => void this.kept.set(url, new Uint8Array(await answer.arrayBuffer()));
  delete = async (one: { url: string }) => this.kept.delete(new URL(one.url).pathname);
}

function ward(file: Uint8Array, breaks: (n: number) => "" | "line" | "portal" | "short" = () => "") {
  let cache: OneCache | null = null;
  const asked: string[] = [];
  Object.assign(globalThis, {
    caches: { open: async () => (cache ??= new OneCache()), has: async () => cache !== null, delete: async () => (cache = null) === null },
    fetch: async (_: string, { headers }: { headers: { Range: string } }) => {
      asked.push(headers.Range);
      const fault = breaks(asked.length);
      if (fault === "line") throw new TypeError("failed to fetch");
      if (fault === "portal") return new Response("<html>Wi-Fi", { status: 200 });
      const [first, last] = headers.Range.slice(6).split("-").map(Number) as [number, number];
      return new Response(file.slice(first, last + (fault === "short" ? 0 : 1)), { status: 206 });
    },
  });
  return asked;
}

const FILE = Uint8Array.from({ length: 2 * PIECE + 1_000 }, (_, i) => (i * 7 + (i >> 9)) % 251);
const MAP = { file: "a".repeat(64), size: FILE.length };
const go = () => fetchMap(MAP, () => undefined, new AbortController().signal);

test("a map comes in pieces and is read across their edges", async () => {
  const asked = ward(FILE);
  assert.equal(await here(MAP), 0);
  await go();
  assert.deepEqual([asked.length, await isWhole(MAP), await here(MAP)], [3, true, FILE.length]);
  const source = new Pieces(MAP);
  for (const [offset, length] of [[0, 127], [PIECE - 5, 10], [PIECE - 1, PIECE + 2], [2 * PIECE, 5_000], [17, 0]] as const) {
    const { data } = await source.getBytes(offset, length);
    assert.deepEqual(Buffer.from(data), Buffer.from(FILE.slice(offset, offset + length)));
  }
  await forget();
  assert.equal(await isWhole(MAP), false);
});

for (const fault of ["line", "portal", "short"] as const)
  test(`what has come is kept when a piece does not: ${fault}`, async () => {
    let broken = true;
    const asked = ward(FILE, (n) => (broken && n === 2 ? fault : ""));
    await assert.rejects(go(), Offline);
    assert.deepEqual([await here(MAP), await isWhole(MAP)], [PIECE, false]);
    broken = false;
    await go();
    assert.equal(asked.filter((range) => range.startsWith("bytes=0-")).length, 1, "the first piece is not fetched twice");
    assert.equal(await isWhole(MAP), true);
  });

test("a ward's new map takes the place of the old one", async () => {
  ward(FILE);
  await go();
  const next = { file: "b".repeat(64), size: 900 };
  await fetchMap(next, () => undefined, new AbortController().signal);
  assert.deepEqual([await here(MAP), await isWhole(next)], [0, true]);
});
