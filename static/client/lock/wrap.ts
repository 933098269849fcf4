/** A data key under a code: argon2id makes a key of the code, and that wraps the data key. */

import { type Kind, plain } from "./codes";
import { type Cost, LEAST, affordable } from "./cost";
import type { Prf } from "./prf";
import type { Wish } from "./worker";

declare const LOCK_WORKER: string;

/** What lies on the phone: all that is needed to open, but for the code. */
export interface Lock extends Cost {
  kind: Kind;
  salt: Uint8Array<ArrayBuffer>;
  iv: Uint8Array<ArrayBuffer>;
  /** The data key, wrapped (AES-256-GCM, so that a wrong code is noticed). */
  key: ArrayBuffer;
  /** The data key once more, for this phone's own finger or face; only where its owner turned that on. */
  prf?: Prf;
}

/** The browser cannot do the work: no worker, no WebAssembly, no memory. */
export class CannotLock extends Error {}

const AES = "AES-GCM";
const USES: KeyUsage[] = ["encrypt", "decrypt"];
const noise = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));

/** A new data key under a code, at a cost that suits this phone; the key is also given to be used at once. */
export async function newLock(code: string, kind: Kind): Promise<{ lock: Lock; key: CryptoKey }> {
  const fresh = await crypto.subtle.generateKey({ name: AES, length: 256 }, true, USES);
  const lock = await wrapped(fresh, code, kind);
  return { lock, key: (await opened(lock, code))! };
}

/** The data key behind a lock; null when this is not its code. No script can take it out of the browser. */
export function opened(lock: Lock, code: string): Promise<CryptoKey | null> {
  return unwrapped(lock, code, false);
}

/** The data key so that it can be wrapped once more; null when this is not its code. */
export function lendable(lock: Lock, code: string): Promise<CryptoKey | null> {
  return unwrapped(lock, code, true);
}

/** The same data key under another code; null when the present one is wrong. */
export async function relocked(lock: Lock, code: string, next: string, kind: Kind): Promise<Lock | null> {
  const key = await lendable(lock, code);
  return key && wrapped(key, next, kind);
}

async function wrapped(key: CryptoKey, code: string, kind: Kind): Promise<Lock> {
  const cost = await suitable();
  const [salt, iv] = [noise(16), noise(12)];
  const above = await keyOf({ code: plain(code), salt, ...cost });
  return { kind, salt, iv, ...cost, key: await crypto.subtle.wrapKey("raw", key, above, { name: AES, iv }) };
}

async function unwrapped({ salt, iv, memory, passes, key }: Lock, code: string, extractable: boolean): Promise<CryptoKey | null> {
  const above = await keyOf({ code: plain(code), salt, memory, passes });
  return crypto.subtle.unwrapKey("raw", key, above, { name: AES, iv }, AES, extractable, USES).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "OperationError") return null;
    throw error;
  });
}

let cost: Promise<Cost> | null = null;

/** What this phone can bear: measured once, while its owner still thinks of a code. */
export function suitable(): Promise<Cost> {
  cost ??= measured().catch((error: unknown) => {
    cost = null;
    throw error;
  });
  return cost;
}

async function measured(): Promise<Cost> {
  // The first run also fetches and compiles the worker.
  await stretched({ code: "-", salt: noise(16), memory: 1024, passes: 1 });
  const from = performance.now();
  await stretched({ code: "-", salt: noise(16), ...LEAST });
  return affordable(performance.now() - from);
}

async function keyOf(wish: Wish): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", await stretched(wish), AES, false, ["wrapKey", "unwrapKey"]);
}

/** argon2id, in a worker that ends with the work: its memory goes with it. */
function stretched(wish: Wish): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(LOCK_WORKER);
    const end = (bytes: Uint8Array<ArrayBuffer> | null) => {
      worker.terminate();
      if (bytes) resolve(bytes);
      else reject(new CannotLock("no argon2id here"));
    };
    worker.onmessage = ({ data }: MessageEvent<Uint8Array<ArrayBuffer> | null>) => end(data);
    worker.onerror = () => end(null);
    worker.postMessage(wish);
  });
}
