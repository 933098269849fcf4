/**
 * What a picture file says of itself before anything is decoded: size, turn, when and where it was taken. Pure.
 * JPEG: ITU T.81 B.1; EXIF 2.32, 4.6; PNG: W3C 11.2.2; WebP: RFC 9649.
 */

import type { Point } from "../types";

export interface Head {
  type: "image/jpeg" | "image/png" | "image/webp";
  width: number;
  height: number;
  /** A JPEG that is sent in passes: it cannot be decoded small. */
  progressive: boolean;
  /** EXIF orientation, 1 to 8, and where in the file it stands; 0 when it says nothing. */
  turn: number;
  turnAt: number;
  /** As the camera's clock had it: 2026-06-03T09:11:02, with an offset when it says one. */
  taken: string | null;
  place: Point | null;
}

/** So much of a file is read for its head. */
export const HEAD = 262_144;

/** Read the first bytes of a file; null when it is no picture that the ward takes. */
export function readHead(bytes: Uint8Array): Head | null {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint16(0) === 0xffd8) return jpeg(view);
    if (view.getUint32(0) === 0x89504e47) return plain("image/png", view.getUint32(16), view.getUint32(20));
    if (view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250) return webp(view);
  } catch {
    // It ends before it says what it is.
  }
  return null;
}

function plain(type: Head["type"], width: number, height: number): Head | null {
  return width > 0 && height > 0 ? { type, width, height, progressive: false, turn: 0, turnAt: 0, taken: null, place: null } : null;
}

function webp(view: DataView): Head | null {
  const small = (at: number) => view.getUint16(at, true);
  switch (view.getUint32(12)) {
    case 0x56503858: // VP8X
      return plain("image/webp", 1 + small(24) + (view.getUint8(26) << 16), 1 + small(27) + (view.getUint8(29) << 16));
    case 0x5650384c: { // VP8L
      const bits = view.getUint32(21, true);
      return plain("image/webp", 1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff));
    }
    default:
      return plain("image/webp", small(26) & 0x3fff, small(28) & 0x3fff);
  }
}

function jpeg(view: DataView): Head | null {
  let said: Partial<Head> = {};
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const mark = view.getUint8(at + 1);
    if (mark === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = mark >= 0xc0 && mark <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(mark);
    if (isFrame) {
      const head = plain("image/jpeg", view.getUint16(at + 7), view.getUint16(at + 5));
      return head && { ...head, ...said, progressive: mark === 0xc2 };
    }
    if (mark === 0xe1 && view.getUint32(at + 4) === 0x45786966 && !said.taken) said = { ...said, ...exif(view, at + 10) };
    at += 2 + view.getUint16(at + 2);
  }
}

type Tags = Map<number, { at: number; type: number; count: number; where: number }>;

/** A TIFF directory's entries. */
function tags(view: DataView, start: number, offset: number, little: boolean): Tags {
  const found: Tags = new Map();
  const sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8];
  const count = view.getUint16(start + offset, little);
  for (let i = 0; i < Math.min(count, 200); i++) {
    const at = start + offset + 2 + 12 * i;
    const [type, many] = [view.getUint16(at + 2, little), view.getUint32(at + 4, little)];
    const where = (sizes[type] ?? 1) * many > 4 ? start + view.getUint32(at + 8, little) : at + 8;
    found.set(view.getUint16(at, little), { at, type, count: many, where });
  }
  return found;
}

function exif(view: DataView, start: number): Partial<Head> {
  const said: Partial<Head> = {};
  try {
    const little = view.getUint16(start) === 0x4949;
    const main = tags(view, start, view.getUint32(start + 4, little), little);
    const turn = main.get(0x0112);
    if (turn) Object.assign(said, { turn: view.getUint16(turn.where, little), turnAt: turn.where + (little ? 0 : 1) });
    const inner = main.get(0x8769);
    const more: Tags = inner ? tags(view, start, view.getUint32(inner.where, little), little) : new Map();
    const clock = text(view, more.get(0x9003) ?? main.get(0x0132));
    const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(clock);
    const offset = text(view, more.get(0x9011));
    if (parts) said.taken = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}${/^[+-]\d\d:\d\d$/.test(offset) ? offset : ""}`;
    const gps = main.get(0x8825);
    if (gps) said.place = point(view, tags(view, start, view.getUint32(gps.where, little), little), little);
  } catch {
    // Damaged metadata: what was read of it stands.
  }
  return said;
}

function text(view: DataView, tag?: { where: number; count: number }): string {
  if (!tag) return "";
  return String.fromCharCode(...Array.from({ length: Math.min(tag.count, 40) }, (_, i) => view.getUint8(tag.where + i))).replace(/\0[^]*$/, "").trim();
}

function point(view: DataView, gps: Tags, little: boolean): Point | null {
  const ratio = (where: number) => view.getUint32(where, little) / view.getUint32(where + 4, little);
  const degrees = (tag: number, half: string) => {
    const found = gps.get(tag);
    if (!found || found.count < 3) return NaN;
    const value = ratio(found.where) + ratio(found.where + 8) / 60 + ratio(found.where + 16) / 3600;
    return (text(view, gps.get(tag - 1)).toUpperCase() === half ? -1 : 1) * Math.round(value * 1e6) / 1e6;
  };
  const [lat, lon] = [degrees(2, "S"), degrees(4, "W")];
  const error = gps.get(0x1f);
  const acc = error ? Math.round(ratio(error.where)) : null;
  // A camera without a fix writes zeros.
  const isPlace = Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && (lat !== 0 || lon !== 0);
  return isPlace ? { lat, lon, acc: acc !== null && acc >= 0 ? acc : null, how: "gps", at: null } : null;
}
