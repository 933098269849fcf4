/**
 * A photo's bytes as they lie on this phone: under a key of their own, in pieces of 64 KiB, each AES-256-GCM with a nonce of
 * seven zeros, one byte, and the piece's number (STREAM). The byte is 1 for the file's last piece and 0 for the others; a
 * thumbnail, which never leaves the phone, has 2 more. The ward opens the same: app/photos/sealed.py, docs/decisions/0041.
 */

import { base64url, fromBase64url } from "../sync/base64url";

/** What opens a photo: its key (base64url), and hash and length of what it opens to. */
export interface Inside {
  key: string;
  sha256: string;
  size: number;
}

/** Bytes that are read as they are needed; a Blob is such a thing. */
export interface Bytes {
  readonly size: number;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

const PIECE = 65_536;
const TAG = 16;
const AES = "AES-GCM";

/** A new key, as `Inside` has it. */
export const newKey = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** The file, or its thumbnail, under the key. One piece at a time is in memory. */
export async function shut(file: Blob, key: string, isThumb = false): Promise<Blob> {
  const aes = await crypto.subtle.importKey("raw", fromBase64url(key), AES, false, ["encrypt"]);
  const made: Blob[] = [];
  for (let n = 0; n === 0 || n * PIECE < file.size; n++) {
    const piece = await file.slice(n * PIECE, (n + 1) * PIECE).arrayBuffer();
    made.push(new Blob([await crypto.subtle.encrypt({ name: AES, iv: nonce(n, (n + 1) * PIECE >= file.size, isThumb) }, aes, piece)]));
  }
  return new Blob(made);
}

/** What shut bytes open to, read where it is asked for. Reading throws where the bytes are not what was shut. */
export function opening(file: Blob, key: string, isThumb = false): Bytes {
  const count = Math.max(1, Math.ceil(file.size / (PIECE + TAG)));
  const size = file.size - count * TAG;
  const aes = crypto.subtle.importKey("raw", fromBase64url(key), AES, false, ["decrypt"]);
  const piece = async (n: number) => {
    const lies = await file.slice(n * (PIECE + TAG), (n + 1) * (PIECE + TAG)).arrayBuffer();
    return new Uint8Array(await crypto.subtle.decrypt({ name: AES, iv: nonce(n, n === count - 1, isThumb) }, await aes, lies));
  };
  const read = async (from: number, to: number) => {
    const whole = new Uint8Array(Math.max(0, Math.min(to, size) - from));
    for (let n = Math.floor(from / PIECE); n * PIECE < from + whole.length; n++) {
      const begins = n * PIECE;
      const part = (await piece(n)).subarray(Math.max(0, from - begins), from + whole.length - begins);
      whole.set(part, Math.max(0, begins - from));
    }
    return whole.buffer;
  };
  return { size, slice: (from, to) => ({ arrayBuffer: () => read(from, to) }) };
}

/** All of it, opened. */
export const opened = (file: Blob, key: string, type: string, isThumb = false): Promise<Blob> => gathered(opening(file, key, isThumb), type);

/** Bytes put together, piece by piece. */
export async function gathered(bytes: Bytes, type: string): Promise<Blob> {
  const made: Blob[] = [];
  for (let at = 0; at < bytes.size; at += PIECE) made.push(new Blob([await bytes.slice(at, at + PIECE).arrayBuffer()]));
  return new Blob(made, { type });
}

function nonce(n: number, isLast: boolean, isThumb: boolean): Uint8Array<ArrayBuffer> {
  const iv = new Uint8Array(12);
  iv[7] = Number(isLast) + (isThumb ? 2 : 0);
  new DataView(iv.buffer).setUint32(8, n);
  return iv;
}
