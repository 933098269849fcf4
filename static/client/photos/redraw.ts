/**
 * A picture drawn anew on this phone: upright, small, with nothing in it but what is seen.
 *
 * A photo of 50 megapixels has 200 MB of pixels, which a phone of 2 GB does not have. So a JPEG is decoded at an
 * eighth, a quarter or so of its size, which its format allows; what cannot be decoded small and is too large is refused.
 */

import { HEAD, type Head, readHead } from "./file";

/** Why a file is not taken. */
export type Refusal = "not_a_picture" | "too_large_picture";

export class Refused extends Error {
  constructor(readonly code: Refusal) {
    super(code);
  }
}

export interface Redrawn {
  whole: Blob;
  thumb: Blob;
  width: number;
  height: number;
  head: Head;
}

type Canvas = HTMLCanvasElement | OffscreenCanvas;

/** What the ward takes at all. */
const MOST_BYTES = 40_000_000;
const MOST_PIXELS = 60_000_000;
/** The most pixels of a PNG or WebP, which is decoded as large as it is, and of a JPEG in passes (measured: benchmarks/photos.py). */
const MOST_WHOLE = 10_000_000;
const MOST_IN_PASSES = 16_000_000;
const THUMB = 320;
const QUALITY = 0.78;

/** Whether this browser decodes a JPEG at a fraction of its size. */
const decodesSmall = typeof ImageDecoder !== "undefined";

/** Draw a file anew, its longer side at most `side` pixels. Throws Refused. */
export async function redraw(file: Blob, side: number, make: (width: number, height: number) => Canvas): Promise<Redrawn> {
  const start = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const head = readHead(start);
  if (!head) throw new Refused("not_a_picture");
  const pixels = head.width * head.height;
  const isSmallable = head.type === "image/jpeg" && !head.progressive;
  // A browser without a decoder of its own for this decides by itself how it keeps its memory.
  const most = isSmallable || !decodesSmall ? MOST_PIXELS : head.progressive ? MOST_IN_PASSES : MOST_WHOLE;
  if (file.size > MOST_BYTES || pixels > most) throw new Refused("too_large_picture");
  const scale = Math.min(1, side / Math.max(head.width, head.height));
  const [width, height] = [head.width, head.height].map((one) => Math.max(1, Math.round(one * scale))) as [number, number];
  const source = await decoded(unturned(file, start, head), head, width, height).catch(() => {
    throw new Refused("not_a_picture");
  });
  const canvas = upright(source, head.turn, width, height, make);
  source.close?.();
  const whole = await encoded(canvas, ["image/webp", "image/jpeg"], QUALITY);
  const small = shrunk(canvas, make);
  const thumb = await encoded(small, ["image/jpeg"], 0.7);
  const made = { whole, thumb, width: canvas.width, height: canvas.height, head };
  // Some browsers keep a canvas's pixels until they feel like it.
  for (const one of [canvas, small]) one.width = one.height = 0;
  return made;
}

/** The file without its turn, so that every decoder gives the pixels as they lie; turning is ours. */
function unturned(file: Blob, start: Uint8Array, { type, turn, turnAt }: Head): Blob {
  if (turn <= 1) return file;
  const patched = start.slice();
  patched[turnAt] = 1;
  return new Blob([patched, file.slice(start.length)], { type });
}

type Source = CanvasImageSource & { close?(): void };

async function decoded(file: Blob, head: Head, width: number, height: number): Promise<Source> {
  const eighths = Math.ceil((8 * width) / head.width);
  if (decodesSmall && head.type === "image/jpeg" && !head.progressive && eighths < 8) {
    const found = await decodedSmall(file, head, eighths).catch(() => null);
    if (found) return found;
  }
  if (typeof createImageBitmap === "undefined") return throughElement(file);
  return createImageBitmap(file, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" }).catch(() => createImageBitmap(file));
}

async function decodedSmall(file: Blob, head: Head, eighths: number): Promise<Source> {
  const [desiredWidth, desiredHeight] = [head.width, head.height].map((one) => Math.ceil((one * eighths) / 8));
  const decoder = new ImageDecoder({ type: head.type, data: file.stream(), desiredWidth, desiredHeight, preferAnimation: false });
  try {
    return (await decoder.decode()).image;
  } finally {
    decoder.close();
  }
}

/** Older Safari: an element decodes, and its canvas shrinks. */
async function throughElement(file: Blob): Promise<Source> {
  const image = new Image();
  const url = URL.createObjectURL(file);
  image.src = url;
  await image.decode().finally(() => URL.revokeObjectURL(url));
  return image;
}

/** Draw with the turn that EXIF asks for. */
function upright(source: Source, turn: number, width: number, height: number, make: (width: number, height: number) => Canvas): Canvas {
  const lies = turn >= 5 && turn <= 8;
  const canvas = lies ? make(height, width) : make(width, height);
  const pen = penOf(canvas);
  // [a, b, c, d, e, f] of the canvas for each orientation; see EXIF 2.32, 4.6.5.1.
  const ways: Record<number, [number, number, number, number, number, number]> = {
    2: [-1, 0, 0, 1, width, 0],
    3: [-1, 0, 0, -1, width, height],
    4: [1, 0, 0, -1, 0, height],
    5: [0, 1, 1, 0, 0, 0],
    6: [0, 1, -1, 0, height, 0],
    7: [0, -1, -1, 0, height, width],
    8: [0, -1, 1, 0, 0, width],
  };
  const way = ways[turn];
  if (way) pen.setTransform(...way);
  pen.drawImage(source, 0, 0, width, height);
  return canvas;
}

function shrunk(canvas: Canvas, make: (width: number, height: number) => Canvas): Canvas {
  const scale = Math.min(1, THUMB / Math.max(canvas.width, canvas.height));
  const small = make(Math.max(1, Math.round(canvas.width * scale)), Math.max(1, Math.round(canvas.height * scale)));
  penOf(small).drawImage(canvas, 0, 0, small.width, small.height);
  return small;
}

function penOf(canvas: Canvas): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D {
  const pen = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D | null;
  if (!pen) throw new Refused("too_large_picture");
  // What is transparent becomes white, as at the ward.
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  return pen;
}

/** The picture in the first of these types that this browser can write. */
async function encoded(canvas: Canvas, types: string[], quality: number): Promise<Blob> {
  for (const type of types) {
    const blob = await ("convertToBlob" in canvas
      ? canvas.convertToBlob({ type, quality })
      : new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality)));
    // Where a type cannot be written, a PNG comes.
    if (blob?.type === type) return blob;
  }
  throw new Refused("not_a_picture");
}
