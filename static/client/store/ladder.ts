/**
 * The local databases, one step for each version. Steps that were released are never changed; a new shape is a
 * new step at the end, with a fixture of the version before it in tests/client/fixtures.
 */

import type { DBSchema } from "idb";

import type { Box } from "../lock/vault";
import type { Inside } from "../photos/shut";
import type { Person, Receipt } from "../types";
import type { Shut } from "../sync/shut";
import type { Step } from "./connection";
import type { DraftRow, RecordRow } from "./kept";

/**
 * A change that waits for its receipt. What is sent, byte for byte, is `sealed`, or `body` where there is none.
 * Beside a sealed one `own` is this phone's own copy, closed up (`body`, where there is no lock yet); kinds that nobody
 * reads here once they are finished have neither.
 */
export interface OutboxEntry {
  seq: number;
  id: string;
  record: string;
  kind: string;
  body: string;
  at: string;
  sealed?: Shut;
  own?: Box;
}

/** A change that has its receipt; kept for 30 days, to be offered again after a restore. */
export interface SentEntry extends OutboxEntry {
  receipt: Receipt;
  /** It came while the phone was shut: this phone's own copy of the record does not have it yet. */
  unsettled?: boolean;
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

/**
 * What opens a photo that lies shut (photos/keys.ts): for its person here, as long as she may look at it; for the ward, as
 * `<key>.<seal>`; or in the clear, where it waits and the ward has told no key.
 */
export interface PhotoShut {
  own?: Box;
  sealed?: string;
  bare?: Inside;
}

/** A photo of this phone: where it belongs and how far it is. Its bytes lie apart, under the same id. */
export interface PhotoRow {
  id: string;
  record: string;
  /** The field of the record that names it. */
  field: string;
  /** The form that it was taken for, until that is saved; then it waits for the ward. */
  draft: string | null;
  /** Of the bytes as they lie here. */
  sha256: string;
  size: number;
  /** Missing where they lie open, as before version 5. */
  shut?: PhotoShut;
  /** It goes up opened, to a ward that takes none that are shut: what has begun so ends so. */
  open?: boolean;
  type: string;
  original: boolean;
  /** Nothing of it stays on this phone once the ward has it. */
  guarded: boolean;
  /** When it was taken in here (ISO). */
  at: string;
  /** How many bytes the ward had when it last said so. */
  offset: number;
  /** When the ward said that it keeps the whole of it (ISO). */
  kept: string | null;
  /** Why it does not go up: the ward's code, `refused`, or what is wrong with it here. */
  fault: string | null;
  tries: number;
  /** When to try again (ISO); "" at once. */
  next: string;
}

/** The bytes of a photo. `whole` is what the ward gets; null when it has it and the phone let go. */
export interface PhotoFile {
  id: string;
  whole: Blob | null;
  thumb: Blob;
}

export interface PersonSchema extends DBSchema {
  facts: { key: string; value: unknown };
  records: { key: string; value: RecordRow };
  outbox: { key: number; value: OutboxEntry; indexes: { record: string } };
  sent: { key: string; value: SentEntry; indexes: { record: string; seq: number } };
  drafts: { key: string; value: DraftRow };
  stuck: { key: number; value: StuckEntry };
  photos: { key: string; value: PhotoRow; indexes: { record: string } };
  files: { key: string; value: PhotoFile };
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
  (db) => {
    db.createObjectStore("photos", { keyPath: "id" }).createIndex("record", "record");
    db.createObjectStore("files", { keyPath: "id" });
  },
  // Drafts and records are closed up from here on, once a lock was chosen: an app that does not know that stays out.
  () => undefined,
  // The same of photos, which lie shut. Those from before are shut one by one, by the lane that sends them.
  () => undefined,
];
