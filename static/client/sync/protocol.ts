/** The wire of docs/sync-protocol.md, phone's side. */

import type { WireReceipt } from "../store/receipts";
import type { Travelling } from "./signing";
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
  /** The highest number that this phone ever gave out, and how many changes wait here besides those of this request. */
  issued: number;
  unsent: number;
  /** The public half of what signs here, so that a ward that does not know it can check what comes. */
  key?: string;
  changes: Travelling[];
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
  /** The highest number that the ward knows of from this device and person. Older servers do not say. */
  last?: number;
  /** The head of the ward's log, "<number>:<hash>". */
  chain?: string;
}

/** Why the ward ended a sign-in: the phone was cut off, or its person has no work to record any more. */
export type Ended = "phone_revoked" | "rights_gone";

/** A problem document of the server, or what stands for one. */
export class Failed extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly retryAfter: number | null = null,
    readonly fields: FieldProblem[] = [],
    readonly detail = "",
    readonly why: Ended | null = null,
  ) {
    super(code);
  }
}

/** Nothing of ours answered: no signal, a captive portal, a redirect, an HTML page, a gateway before a server that is down. */
export class Offline extends Error {
  constructor(
    message: string,
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

/** Another tab has taken over the sending; what this one still hears is not written down. */
export class NotOurTurn extends Error {}

/** Whether an answer is one of our server's; anything else that speaks JSON is as good as no signal. */
export function isAnswer(read: unknown): read is Answer {
  const { epoch, cursor, receipts, records, gone, missing } = (read ?? {}) as Partial<Record<keyof Answer, unknown>>;
  return typeof epoch === "string" && typeof cursor === "string" && [receipts, records, gone, missing].every(Array.isArray);
}
