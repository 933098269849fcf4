/** The wire of docs/sync-protocol.md, phone's side. */

import type { WireReceipt } from "../store/outbox";
import type { FieldProblem, WardRecord } from "../types";

export const MOST_CHANGES = 100;
export const MOST_BYTES = 256_000;
export const PAGE = 500;

export interface Question {
  device: string;
  person: string;
  app: string;
  cursor: string | null;
  limit: number;
  changes: { body: string; sig?: string }[];
}

export interface Answer {
  epoch: string;
  now: string;
  cursor: string;
  more: boolean;
  reset: boolean;
  receipts: WireReceipt[];
  records: WardRecord[];
  gone: string[];
  missing: number[];
}

/** A problem document of the server, or what stands for one. */
export class Failed extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly retryAfter: number | null = null,
    readonly fields: FieldProblem[] = [],
    readonly detail = "",
  ) {
    super(code);
  }
}

/** Nothing of ours answered: no signal, a captive portal, a redirect, an HTML page. */
export class Offline extends Error {}

/** Whether an answer is one of our server's; anything else that speaks JSON is as good as no signal. */
export function isAnswer(read: unknown): read is Answer {
  const { epoch, cursor, receipts, records, gone } = (read ?? {}) as Partial<Record<keyof Answer, unknown>>;
  return typeof epoch === "string" && typeof cursor === "string" && [receipts, records, gone].every(Array.isArray);
}
