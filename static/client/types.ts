/** The shapes that the phone's parts share. Those of the wire are in sync/protocol.ts. */

import type { Told } from "./sync/shut";

/** Vietnamese first, then English. */
export type Words = readonly [vi: string, en: string];

export interface Point {
  lat: number;
  lon: number;
  acc: number | null;
  /** Measured; put there on a map; put there without one. */
  how: "gps" | "map" | "manual";
  /** When it was measured or put there (ISO). */
  at: string | null;
}

/** What a record says of a photo; the file follows on its own. See app/kinds/pictures.py. */
export interface Photo {
  id: string;
  /** Of the file that goes to the ward. */
  sha256: string;
  size: number;
  type: "image/jpeg" | "image/webp" | "image/png";
  width: number;
  height: number;
  taken: string | null;
  place: Point | null;
  caption: string;
  /** The untouched file is sent, as evidence. */
  original: boolean;
}

export type Value = string | number | string[] | Point | Photo[] | null | undefined;
export type Values = Record<string, Value>;

/** A condition as data: ["eq", "field", "value"]; see app/kinds/conditions.py. */
export type Condition = unknown[];

export interface Code {
  code: string;
  label: Words;
  hint?: Words;
}

export interface Field {
  widget: "text" | "name" | "phone" | "number" | "choice" | "choices" | "day" | "moment" | "place" | "record" | "photos";
  label: Words;
  hint?: Words;
  required?: true | Condition;
  show?: Condition;
  warn?: { when: Condition; say: Words }[];
  owner: "phone" | "desk";
  sensitivity: "normal" | "personal" | "health" | "restricted" | "informant";
  safety?: string[];
  quick?: boolean;
  longest?: number;
  lines?: number;
  least?: number;
  most?: number;
  decimals?: boolean;
  codes?: Code[];
  /** No longer asked: only what older forms answered is kept and shown. */
  retired?: true;
  /** Codes that usually fit, offered first. */
  suggest?: { when: Condition; codes: string[] }[];
  yearAlone?: boolean;
  kind?: string;
  original?: boolean;
}

export interface Section {
  id: string;
  label: Words;
  fields: string[];
}

/** When a record is to be looked at again; see app/kinds/vocabulary.py. */
export interface Recheck {
  by: string;
  level: string;
  order: string[];
  unknown: string;
  seasons: [season: string, when: Condition][];
  until: Condition;
}

/** The ward's days between two looks by level, outside and inside a season, and the seasons' first and last days. */
export interface Calendar {
  days: Record<string, [off: number, season: number]>;
  seasons: Record<string, [first: string, last: string]>;
}

export interface FormSpec {
  kind: string;
  form: number;
  icon: string;
  order: number;
  /** "parent": begun on the parent's page, and nowhere else. */
  tile: "large" | "red" | "none" | "parent";
  /** What the button on the parent's page says, and the parent's answers that the form begins with. */
  invite?: Words;
  carries?: string[];
  recheck?: Recheck;
  label: Words;
  menu: Words;
  examples: Words;
  sharing: "group" | "author";
  parent: string | null;
  place: string | null;
  happened: string;
  callsFirst: boolean;
  title: string[];
  sections: Section[];
  fields: Record<string, Field>;
}

export interface Person {
  id: string;
  name: string;
  language: "vi" | "en";
  role: string;
  ward: { id: string; name: string; phone: string | null };
  groups: { id: string; name: string }[];
}

export interface Kit {
  etag: string;
  kinds: FormSpec[];
  numbers: { tel: string; label: Words; icon: string }[];
  ward: { id: string; name: string; phone: string | null };
  person: Person;
  /** What to seal by; null or missing when the ward does not ask for it. */
  seal?: Told | null;
  /** Missing in a kit of before there were re-inspections. */
  calendar?: Calendar;
  /** Outside of it a point is asked about. */
  box: [south: number, west: number, north: number, east: number];
  /** When the app locks by itself: minutes without a touch, seconds out of sight. Older servers do not say. */
  lock?: { idle: number; away: number };
  /** The longer side of a photo as it is sent, in pixels. Older servers do not say. */
  photoSide?: number;
  /** The ward's map, if it has one: its address, bytes, and whose data it is. Older servers do not say. */
  map?: { file: string; size: number; look: "vector" | "picture"; credit: string } | null;
}

export interface FieldProblem {
  field?: string;
  code: string;
}

/** What the ward decided, and about which version. */
export interface Review {
  verdict: "accept" | "return" | "close" | "duplicate";
  note: string;
  pins: Record<string, string>;
  by: string;
  at: string;
  version: number;
}

export interface Conflict {
  field: string;
  kept: Value;
  other: Value;
  kept_by: string;
  kept_name: string;
  other_by: string;
  other_name: string;
  kept_at: string;
  other_at: string;
  /** The record's version in which it arose. */
  version: number;
}

/** A comment of the ward's, or, with a `due` (which may be empty), what this person is asked to do by then. */
export interface Said {
  note: string;
  by: string;
  at: string;
  due?: string;
}

/** A record as the ward last sent it. */
export interface WardRecord {
  id: string;
  kind: string;
  version: number;
  status: string;
  unit: string | null;
  author: string;
  parent: string | null;
  data: Values;
  conflicts: Conflict[];
  /** What the form still lacks, as the ward sees it. */
  problems: FieldProblem[];
  review: Review | null;
  said?: Said[];
  received: string;
}

/** The ward's answer to one change, as this phone keeps it. */
export interface Receipt {
  id: string;
  record: string;
  kind: string;
  outcome: "applied" | "merged" | "conflict" | "held" | "needs_fixing" | "quarantined";
  version: number;
  sha256: string;
  problems: FieldProblem[];
  /** When this phone got the receipt, ISO. */
  got: string;
}

/** A record as its person sees it: the ward's state with everything unsent laid over it. */
export interface View {
  id: string;
  kind: string;
  data: Values;
  version: number;
  /** phone: something waits here; sent: the ward has all of it. */
  status: "phone" | "sent";
  /** The ward's own status; quarantined when it set a new record aside; null while it does not know the record. */
  ward: string | null;
  review: Review | null;
  said: Said[];
  received: string | null;
  unsent: number;
  problems: FieldProblem[];
  /** Those that somebody on this phone has settled, but not sent yet, are `chosen`. */
  conflicts: (Conflict & { chosen: boolean })[];
  author: string;
  mine: boolean;
  unit: string | null;
  parent: string | null;
  changedAt: string;
  withdrawn: boolean;
}

/** A form being filled. `base` is what the answers were when it was opened, so that only changes are sent. */
export interface Draft {
  id: string;
  kind: string;
  record: string | null;
  values: Values;
  base: Values;
  /** The record's version when it was opened; missing for a new one. */
  version?: number;
  section: number;
  savedAt: string;
  /** The draft of another form that waits for this one, and the field that it will fill. */
  returnTo?: { draft: string; field: string };
}

export interface SyncState {
  phase: "idle" | "sending" | "offline" | "needsSignIn" | "trouble" | "full";
  waiting: number;
  lastReceived: string | null;
}
