/** What a map is drawn on: tiles out of a PMTiles file, or pictures of a server that an administrator has set. */

import { PMTiles, type Source, TileType } from "pmtiles";

import { type Box, type Camera, isOutside, type LatLon, tileAt, tilesOf } from "./geo";
import type { Paint } from "./paint";
import { type Drawn, drawTile, type Name, readTile } from "./vector";

type Tile = ImageBitmap | HTMLImageElement | Drawn;
type Key = readonly [z: number, x: number, y: number];

/** Tiles kept in memory; a phone with 2 GB has to bear it. */
const KEPT = 64;
/** So many levels up a tile is looked for that can stand in for one that is not here yet. */
const UP = 6;

export interface Ground {
  draw(context: CanvasRenderingContext2D, camera: Camera, paint: Paint): void;
  covers(point: LatLon): boolean;
}

/** A ground out of a PMTiles file; `redraw` is called when more of it has come. Throws when it cannot be read. */
export async function openFile(source: Source, redraw: () => void): Promise<Ground> {
  const file = new PMTiles(source);
  const head = await file.getHeader();
  const isVector = head.tileType === TileType.Mvt;
  const fetchTile = async ([z, x, y]: Key): Promise<Tile | null> => {
    const found = await file.getZxy(z, x, y);
    if (!found) return null;
    return isVector ? readTile(found.data) : createImageBitmap(new Blob([found.data]));
  };
  const box: Box = [head.minLat, head.minLon, head.maxLat, head.maxLon];
  return new Tiles(fetchTile, head.minZoom, head.maxZoom, redraw, (point) => !isOutside(box, point));
}

/** A ground of pictures from an address such as https://…/{z}/{x}/{y}.png. */
export function openServer(address: string, redraw: () => void): Ground {
  const fetchTile = ([z, x, y]: Key) =>
    new Promise<Tile | null>((resolve) => {
      const image = new Image();
      image.onload = () => resolve(image);
      image.onerror = () => resolve(null);
      image.src = address.replace("{z}", String(z)).replace("{x}", String(x)).replace("{y}", String(y));
    });
  return new Tiles(fetchTile, 0, 19, redraw, () => true);
}

class Tiles implements Ground {
  /** null: asked for; absent: the file has none. The order is that of use, so the first is the one to let go. */
  private readonly tiles = new Map<string, Tile | "absent" | null>();

  constructor(
    private readonly fetchTile: (key: Key) => Promise<Tile | null>,
    private readonly lowest: number,
    private readonly highest: number,
    private readonly redraw: () => void,
    readonly covers: (point: LatLon) => boolean,
  ) {}

  draw(context: CanvasRenderingContext2D, camera: Camera, paint: Paint): void {
    const level = Math.min(Math.max(Math.round(camera.zoom), this.lowest), this.highest);
    const names: { name: Name; x: number; y: number }[] = [];
    const drawn = new Set<string>();
    for (const wanted of tilesOf(camera, level)) {
      this.ask(wanted);
      const key = this.standing(wanted);
      if (!key || drawn.has(String(key))) continue;
      drawn.add(String(key));
      const tile = this.tiles.get(String(key)) as Tile;
      const at = tileAt(camera, key);
      if ("paths" in tile) {
        drawTile(context, tile, at, camera.zoom, paint);
        for (const name of tile.names) names.push({ name, x: at.x + (name.x / tile.extent) * at.side, y: at.y + (name.y / tile.extent) * at.side });
      } else context.drawImage(tile, at.x, at.y, at.side + 0.5, at.side + 0.5);
    }
    write(context, camera, names, paint);
  }

  /** The tile itself, or the nearest one above it that is here. */
  private standing(wanted: Key): Key | null {
    let [z, x, y] = wanted;
    for (let up = 0; up <= UP && z >= this.lowest; up++, z--, x >>= 1, y >>= 1) {
      const here = this.tiles.get(String([z, x, y]));
      if (here && here !== "absent") return [z, x, y];
    }
    return null;
  }

  private ask(wanted: Key): void {
    const key = String(wanted);
    const here = this.tiles.get(key);
    if (here !== undefined) {
      this.tiles.delete(key);
      this.tiles.set(key, here);
      const [z, x, y] = wanted;
      // A file need not have every level: the one above stands in.
      if (here === "absent" && z > this.lowest) this.ask([z - 1, x >> 1, y >> 1]);
      return;
    }
    this.tiles.set(key, null);
    for (const oldest of this.tiles.keys()) {
      if (this.tiles.size <= KEPT) break;
      this.tiles.delete(oldest);
    }
    void this.fetchTile(wanted).then(
      (tile) => {
        if (!this.tiles.has(key)) return;
        this.tiles.set(key, tile ?? "absent");
        this.redraw();
      },
      // Asked for again when the picture moves: signal may have come.
      () => this.tiles.delete(key),
    );
  }
}

/** Names where there is room for them, the weightiest first. */
function write(context: CanvasRenderingContext2D, camera: Camera, names: { name: Name; x: number; y: number }[], paint: Paint): void {
  const taken: [number, number, number, number][] = [];
  const said = new Set<string>();
  context.font = `15px ${paint.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 4;
  context.lineJoin = "round";
  for (const { name, x, y } of names.sort((a, b) => a.name.rank - b.name.rank)) {
    if (x < 0 || y < 0 || x > camera.width || y > camera.height || said.has(name.text)) continue;
    const half = context.measureText(name.text).width / 2 + 6;
    const box: [number, number, number, number] = [x - half, y - 12, x + half, y + 12];
    if (taken.some(([left, top, right, bottom]) => box[0] < right && box[2] > left && box[1] < bottom && box[3] > top)) continue;
    taken.push(box);
    said.add(name.text);
    context.strokeStyle = paint.paper;
    context.strokeText(name.text, x, y);
    context.fillStyle = paint.ink;
    context.fillText(name.text, x, y);
  }
}
