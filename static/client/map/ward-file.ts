/**
 * The ward's map on this phone: fetched only when its owner asks, in pieces that a broken line does not lose, and kept
 * in a cache of its own. It is no record: when room is needed it is the first thing to go (store/room.ts).
 */

import type { Source } from "pmtiles";

import { Offline } from "../sync/protocol";

export interface WardFile {
  /** Its SHA-256, which is its address at the ward. */
  file: string;
  size: number;
}

export const CACHE = "ward-map";
export const PIECE = 512 * 1024;
const address = (map: WardFile, n: number) => `/ward-map/${map.file}/${n}`;
const pieces = (map: WardFile) => Math.ceil(map.size / PIECE);

/** How many bytes of this map lie here; those of another map are not counted. */
export async function here(map: WardFile): Promise<number> {
  if (typeof caches === "undefined" || !(await caches.has(CACHE))) return 0;
  const kept = await (await caches.open(CACHE)).keys();
  const own = kept.filter(({ url }) => new URL(url).pathname.startsWith(`/ward-map/${map.file}/`));
  return Math.min(own.length * PIECE, map.size);
}

export const isWhole = async (map: WardFile): Promise<boolean> => (await here(map)) >= map.size;

/**
 * Fetch the pieces that are missing. `tell` hears how many bytes are here. Throws Offline when the line breaks, and
 * what the browser throws when there is no room; what has come is kept.
 */
export async function fetchMap(map: WardFile, tell: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const old of await cache.keys()) if (!old.url.includes(`/ward-map/${map.file}/`)) await cache.delete(old);
  for (let n = 0; n < pieces(map); n++) {
    signal.throwIfAborted();
    if (!(await cache.match(address(map, n)))) await cache.put(address(map, n), new Response(await fetchPiece(map, n, signal)));
    tell(Math.min((n + 1) * PIECE, map.size));
  }
}

async function fetchPiece(map: WardFile, n: number, signal: AbortSignal): Promise<ArrayBuffer> {
  const [first, last] = [n * PIECE, Math.min((n + 1) * PIECE, map.size) - 1];
  const answer = await fetch(`/api/v1/maps/${map.file}`, { headers: { Range: `bytes=${first}-${last}` }, cache: "no-store", signal }).catch((error: unknown) => {
    throw signal.aborted ? error : new Offline("the line broke");
  });
  const data = answer.status === 206 ? await answer.arrayBuffer() : null;
  // A captive portal's page, a sign-in that ended, a map that was replaced: all of them are no piece of this one.
  if (data?.byteLength !== last - first + 1) throw new Offline("that is no piece of the map");
  return data;
}

export async function forget(): Promise<void> {
  await caches.delete(CACHE);
}

/** The file as the map library reads it, out of its pieces. */
export class Pieces implements Source {
  constructor(private readonly map: WardFile) {}

  getKey = (): string => this.map.file;

  async getBytes(offset: number, length: number): Promise<{ data: ArrayBuffer }> {
    const end = Math.min(offset + length, this.map.size);
    const whole = new Uint8Array(Math.max(end - offset, 0));
    const cache = await caches.open(CACHE);
    for (let n = Math.floor(offset / PIECE); n * PIECE < end; n++) {
      const piece = await cache.match(address(this.map, n));
      if (!piece) throw new Error("a piece of the map is missing");
      const data = new Uint8Array(await piece.arrayBuffer());
      const from = Math.max(offset, n * PIECE);
      whole.set(data.subarray(from - n * PIECE, Math.min(end, (n + 1) * PIECE) - n * PIECE), from - offset);
    }
    return { data: whole.buffer };
  }
}
