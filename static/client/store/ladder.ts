/**
 * The local databases, one step for each version. Steps that were released are never changed; a new shape is a
 * new step at the end, with a fixture of the version before it in tests/client/fixtures.
 */

import type { DBSchema } from "idb";

import type { Draft, Person, Receipt, WardRecord } from "../types";
import type { Step } from "./connection";

/** A change that waits for its receipt. `body` is sent byte for byte. */
export interface OutboxEntry {
  seq: number;
  id: string;
  record: string;
  kind: string;
  body: string;
  at: string;
}

/** A change that has its receipt; kept for 30 days, to be offered again after a restore. */
export interface SentEntry extends OutboxEntry {
  receipt: Receipt;
}

/** An entry of the outbox that does not go up, although others do. It is tried again, ever more seldom. */
export interface StuckEntry {
  seq: number;
  record: string;
  /** The ward's problem code, or `unreadable_here`. */
  code: string;
  tries: number;
  /** When it was first found, and when to try again (ISO). */
  since: string;
  next: string;
}

export interface PersonSchema extends DBSchema {
  facts: { key: string; value: unknown };
  records: { key: string; value: WardRecord };
  outbox: { key: number; value: OutboxEntry; indexes: { record: string } };
  sent: { key: string; value: SentEntry; indexes: { record: string; seq: number } };
  drafts: { key: string; value: Draft };
  stuck: { key: number; value: StuckEntry };
}

export interface PhoneSchema extends DBSchema {
  people: { key: string; value: Person };
  facts: { key: string; value: unknown };
}

/** The small database that knows who uses this phone. */
export const PHONE: Step<PhoneSchema>[] = [
  (db) => {
    db.createObjectStore("people", { keyPath: "id" });
    db.createObjectStore("facts");
  },
];

/** Each person's own. */
export const PERSON: Step<PersonSchema>[] = [
  (db) => {
    db.createObjectStore("facts");
    db.createObjectStore("records", { keyPath: "id" });
    db.createObjectStore("outbox", { keyPath: "seq" }).createIndex("record", "record");
    db.createObjectStore("sent", { keyPath: "id" }).createIndex("record", "record");
    db.createObjectStore("drafts", { keyPath: "id" });
  },
  (db, tx) => {
    db.createObjectStore("stuck", { keyPath: "seq" });
    tx.objectStore("sent").createIndex("seq", "seq");
  },
];
