/** The real server, at the other end of a pipe; asking it takes no time of the world's. */

import { readSync, writeSync } from "node:fs";

/** What left the application: a status, headers and a body, or that it died on the way. */
export interface Said {
  status: number;
  headers: [string, string][];
  body: string;
  died?: boolean;
}

export interface Request {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
  /** The body as bytes, base64. */
  packed?: string;
  /** Die at this statement of the request. */
  dies?: number;
  /** The database does not answer at this statement. */
  busy?: number;
}

const CHUNK = Buffer.alloc(1 << 16);
let ahead = Buffer.alloc(0);

/** The next line from the other side; null when it is gone. */
export function hear(): string | null {
  const parts = [ahead];
  for (;;) {
    const end = parts.at(-1)!.indexOf(10);
    if (end >= 0) {
      const last = parts.pop()!;
      ahead = Buffer.from(last.subarray(end + 1));
      return Buffer.concat([...parts, last.subarray(0, end)]).toString();
    }
    const count = readSync(0, CHUNK, 0, CHUNK.length, null);
    if (count === 0) return null;
    parts.push(Buffer.from(CHUNK.subarray(0, count)));
  }
}

export function tell(value: unknown): void {
  const line = Buffer.from(`${JSON.stringify(value)}\n`);
  for (let sent = 0; sent < line.length; ) sent += writeSync(1, line, sent);
}

/** Have something done at the server's side. Throws what went wrong there. */
export function ask<T = any>(what: string, more: object = {}): T {
  tell({ what, ...more });
  const answer = JSON.parse(hear() ?? "null") as { value?: T; wrong?: string } | null;
  if (!answer || answer.wrong) throw new Error(`${what}: ${answer?.wrong ?? "the server is gone"}`);
  return answer.value as T;
}

/** A request at this moment of the server's clock (milliseconds). */
export const request = (now: number, wanted: Request): Said => ask<Said>("request", { now, ...wanted });
