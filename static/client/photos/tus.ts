/**
 * One photo's way to the ward by tus 1.0 (https://tus.io/protocols/resumable-upload): create, HEAD, PATCH, with a
 * checksum for each piece. What the ward has, it has: after any break it says how much, and the rest follows.
 */

import { Failed, Offline } from "../sync/protocol";
import { Patience, exchange, wait } from "../sync/talk";
import type { Bytes } from "./shut";

export interface Sending {
  id: string;
  record: string;
  /** Of the file; of one that goes up shut its seal says it. */
  sha256?: string;
  sealed?: string;
  type: string;
  original: boolean;
  whole: Bytes;
}

/** How the upload stands: bytes that the ward has, and whether it still waits, keeps the picture, or refuses it. */
export interface Standing {
  offset: number;
  state: "receiving" | "kept" | "refused";
}

const SMALLEST = 16_384;
const LARGEST = 1_048_576;
/** A piece should take about so long: then a break costs little, and the way there and back not much either. */
const QUICK = 3_000;
const SLOW = 10_000;
/** So often the same piece may arrive damaged, or the ward say something else than a moment ago. */
const MOST_STUMBLES = 5;

/** How large the next piece is: as the line was. */
export class Pieces {
  size = 65_536;

  /** A piece went through in so many milliseconds. */
  passed(ms: number): void {
    if (ms < QUICK) this.size = Math.min(LARGEST, this.size * 2);
    else if (ms > SLOW) this.broke();
  }

  /** The line broke. */
  broke(): void {
    this.size = Math.max(SMALLEST, this.size / 2);
  }
}

/**
 * Bring a photo to the ward, from where it stopped the last time; how the ward has it in the end.
 * `told` hears of every byte that is safely there. Throws Offline, or Failed for what the ward says.
 */
export async function send(photo: Sending, begun: boolean, pieces: Pieces, told: (offset: number) => Promise<void>, stop: AbortSignal): Promise<Standing> {
  let standing = await where(photo, begun, stop);
  for (let stumbles = 0; standing.state === "receiving"; ) {
    await told(standing.offset);
    try {
      standing = await piece(photo, standing.offset, pieces, stop);
    } catch (error) {
      // The ward has another number, or the piece came damaged: it says what it has, and that counts.
      const isSmall = error instanceof Failed && [404, 409, 460].includes(error.status) && error.code !== "photo_reused";
      if (!isSmall || ++stumbles > MOST_STUMBLES) throw error;
      standing = await where(photo, true, stop);
    }
  }
  return standing;
}

/** What the ward has of it; begun when it has nothing. */
async function where(photo: Sending, begun: boolean, stop: AbortSignal): Promise<Standing> {
  if (begun) {
    const found = await ask("HEAD", address(photo.id), {}, null, stop).catch((error: unknown) => {
      if (error instanceof Failed && error.status === 404) return null;
      throw error;
    });
    if (found) return found;
  }
  const { id, record, sha256, sealed, type, whole, original } = photo;
  const said = { photo: id, record, type, ...(sealed ? { sealed } : { sha256: sha256! }), ...(original && { original: "1" }) };
  const metadata = Object.entries(said).map(([name, value]) => `${name} ${btoa(value)}`).join(",");
  return ask("POST", "/api/v1/uploads", { "Upload-Length": String(whole.size), "Upload-Metadata": metadata }, null, stop);
}

async function piece(photo: Sending, offset: number, pieces: Pieces, stop: AbortSignal): Promise<Standing> {
  const part = photo.whole.slice(offset, offset + pieces.size);
  const bytes = await part.arrayBuffer();
  const checksum = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))));
  const began = performance.now();
  const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset), "Upload-Checksum": `sha256 ${checksum}` };
  const standing = await ask("PATCH", address(photo.id), headers, bytes, stop).catch((error: unknown) => {
    if (error instanceof Offline) pieces.broke();
    throw error;
  });
  pieces.passed(performance.now() - began);
  return standing;
}

const address = (id: string) => `/api/v1/uploads/${encodeURIComponent(id)}`;

/** One request, and how the upload stands after it. Anything that is not ours is no signal. */
async function ask(method: string, path: string, headers: Record<string, string>, body: ArrayBuffer | null, stop: AbortSignal): Promise<Standing> {
  const patience = new Patience(stop);
  const tus = { "Tus-Resumable": "1.0.0", ...headers };
  try {
    return await read(await exchange(path, { method, headers: tus, body, credentials: "same-origin", signal: patience.signal }), method);
  } finally {
    patience.ends();
  }
}

async function read(answer: Response, method: string): Promise<Standing> {
  if (answer.ok && answer.headers.get("Tus-Resumable")) {
    const offset = Number(answer.headers.get("Upload-Offset"));
    const state = answer.headers.get("Photo-State") as Standing["state"] | null;
    if (!Number.isInteger(offset) || !state) throw new Offline("not our answer");
    return { offset, state };
  }
  // A HEAD has no body, so there is only the number to go by.
  const isOurs = method === "HEAD" || /^application\/problem\+json\b/.test(answer.headers.get("Content-Type") ?? "");
  if (answer.status < 400 || !isOurs) throw new Offline(`${answer.status}`, wait(answer));
  const { code } = (await answer.json().catch(() => ({}))) as { code?: string };
  throw new Failed(code ?? "our_fault", answer.status, wait(answer));
}
