/** One request to our own server. The only place that calls fetch. */

import { type Ended, Failed, Offline } from "./protocol";

const PATIENCE = 60_000;
const WORTH_PACKING = 1_000;

let stopper = new AbortController();

/** Aborted when the person leaves: then nothing is waited for any more. */
export const leaving = (): AbortSignal => stopper.signal;

/** End every request on its way; they throw Offline. */
export function stopTalking(): void {
  stopper.abort();
  stopper = new AbortController();
}

/**
 * Ask the server; resolves with its JSON (undefined for 204).
 * Throws Offline when anything but our server answered, Failed for a problem document.
 */
export async function talk<T>(
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  credentials: RequestCredentials = "same-origin",
): Promise<T> {
  const patience = new Patience();
  try {
    return await understood<T>(await send(path, body, headers, credentials, patience.signal));
  } finally {
    patience.ends();
  }
}

async function understood<T>(answer: Response): Promise<T> {
  const type = answer.headers.get("Content-Type") ?? "";
  if (answer.redirected || answer.type === "opaqueredirect") throw new Offline("a redirect");
  if (answer.status === 204) return undefined as T;
  if (answer.status === 304) return null as T;
  // Whoever says so, less is the remedy.
  if (answer.status === 413) throw new Failed("too_large", 413);
  // Every failure of ours is a problem document; a page or other JSON comes from something in between.
  const isOurs = answer.ok ? /^application\/json\b/ : /^application\/problem\+json\b/;
  if (!isOurs.test(type)) throw new Offline(`${answer.status} ${type}`, wait(answer));
  const read: unknown = await answer.json().catch(() => {
    throw new Offline("an answer cut short");
  });
  if (answer.ok) return read as T;
  const problem = (read ?? {}) as { code?: string; fields?: { field: string; code: string }[]; detail?: string; why?: Ended };
  throw new Failed(problem.code ?? "our_fault", answer.status, wait(answer), problem.fields, problem.detail, problem.why);
}

async function send(
  path: string,
  body: unknown,
  headers: Record<string, string>,
  credentials: RequestCredentials,
  signal: AbortSignal,
): Promise<Response> {
  const packed = body === undefined ? { headers: {} } : await pack(JSON.stringify(body));
  const method = body === undefined ? "GET" : "POST";
  return exchange(path, { method, credentials, signal, ...packed, headers: { Accept: "application/json", ...packed.headers, ...headers } });
}

/** One request of any shape; whoever asks judges the answer. Throws Offline when none comes. */
export async function exchange(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { redirect: "manual", cache: "no-store", ...init });
  } catch {
    throw new Offline("no answer");
  }
}

/** Gives up after a minute, or when `stopTalking` or `stop` says so. Old browsers cannot join signals. */
export class Patience {
  private readonly controller = new AbortController();
  private readonly stopper = stopper.signal;
  private readonly giveUp = () => this.controller.abort();
  private readonly timer = setTimeout(this.giveUp, PATIENCE);
  readonly signal = this.controller.signal;

  constructor(private readonly stop?: AbortSignal) {
    this.stopper.addEventListener("abort", this.giveUp);
    stop?.addEventListener("abort", this.giveUp);
    if (stop?.aborted) this.giveUp();
  }

  /** The answer has been read: nothing is held for this request any more. */
  ends(): void {
    clearTimeout(this.timer);
    this.stopper.removeEventListener("abort", this.giveUp);
    this.stop?.removeEventListener("abort", this.giveUp);
  }
}

/** A body, gzipped where the browser can and where it saves something. */
async function pack(text: string): Promise<{ body: BodyInit; headers: Record<string, string> }> {
  const headers = { "Content-Type": "application/json" };
  if (text.length < WORTH_PACKING || typeof CompressionStream === "undefined") return { body: text, headers };
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return { body: await new Response(stream).arrayBuffer(), headers: { ...headers, "Content-Encoding": "gzip" } };
}

/** Seconds to wait, given as such or as a date. */
export function wait(answer: Response): number | null {
  const said = answer.headers.get("Retry-After") ?? "";
  const seconds = /^\d+$/.test(said) ? Number(said) : (Date.parse(said) - Date.now()) / 1000;
  return seconds > 0 ? seconds : null;
}
