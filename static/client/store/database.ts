/**
 * The local databases in use: one for each person on this phone, and a small one that knows who they are.
 *
 * Writes are of strict durability, and only after `complete` does anybody hear "saved". iOS closes
 * connections of apps in the background: every access goes through `use`, which reopens and tries once more.
 */

import type { IDBPDatabase, IDBPTransaction } from "idb";

import { hold } from "../lock/vault";
import type { Half, Reading } from "../lock/reading";
import type { Lock } from "../lock/wrap";
import type { Ended } from "../sync/protocol";
import type { Told } from "../sync/shut";
import type { Kit, Person } from "../types";
import type { Alarm } from "./alarms";
import { Connection } from "./connection";
import { PERSON, PHONE, type PersonSchema, type PhoneSchema } from "./ladder";

export type { OutboxEntry, PersonSchema, PhotoFile, PhotoRow, PhotoShut, SentEntry, StuckEntry } from "./ladder";

/** What signs here: the private half stays in the browser, the public one is base64url of the point. */
export interface DeviceKey {
  private: CryptoKey;
  public: string;
}

export interface Facts {
  device: string;
  seq: number;
  cursor: string | null;
  epoch: string | null;
  lastReceived: string | null;
  digestDay: string | null;
  /** Records that a started replacement of the cache has not confirmed yet; null when none runs. */
  replacing: string[] | null;
  kit: Kit | null;
  pulled: boolean;
  deviceKey: DeviceKey | null;
  /** Whether the ward has the public half, under the present sign-in. */
  keyKnown: boolean;
  /** What the ward tells to seal by; null when it does not ask for it. */
  seal: Told | null;
  /** The ward's identity, which vouches for its keys: as it was when this person signed in. */
  vouches: string | null;
  /** How far the ward's clock is ahead of this phone's, in milliseconds. */
  lag: number;
  /** What this phone lost or noticed, oldest first. */
  alarms: Alarm[];
  /** Numbers that were offered again because the ward did not have them, for this epoch. */
  offered: number[];
  /** The ward's chain as this phone saw it last: a witness that its log was not rewritten. */
  witness: { ward: string; seen: string } | null;
  /** The ward's epoch when photos were last sent. */
  photoEpoch: string;
  /** Why the ward ended this person's sign-in here; null while it stands, or when the ward has not said. */
  ended: Ended | null;
  /** The ward gave this person other groups, and nobody has read so yet. */
  moved: boolean;
  /** What this person's data key is locked with; missing until it was chosen. */
  lock: Lock | null;
  /** What the ward's copies are read with, and the ward's half of it; see lock/reading.ts. */
  reading: Reading | null;
  half: Half | null;
  /** When this phone let go of what it read with, because the ward cut it off (ISO). */
  wiped: string | null;
  /** Wrong codes in a row, and when the last one was given (milliseconds). */
  tries: { count: number; at: number };
  /** Which tab sends, and when it last said so. */
  turn: { token: string; at: number } | null;
}

export type Stores = ("facts" | "records" | "outbox" | "sent" | "drafts" | "stuck" | "photos" | "files")[];
export type Writing = IDBPTransaction<PersonSchema, Stores, "readwrite">;

/** The phone was handed to somebody else while work for a person was under way. */
export class SomebodyElse extends Error {}

/** The databases' names. */
export const PHONE_NAME = "to-am";
export const personName = (id: string): string => `${PHONE_NAME}-${id}`;

const phone = new Connection<PhoneSchema>(PHONE_NAME, PHONE);

let personal: { id: string; connection: Connection<PersonSchema> } | null = null;

/** Turn to a person's own database, without any keys; nobody's when null. Others' stay as they are. */
export async function choose(id: string | null): Promise<void> {
  if (personal?.id === id) return;
  hold(null);
  await personal?.connection.close();
  personal = id ? { id, connection: new Connection(personName(id), PERSON) } : null;
}

/** Whose database is in use. */
export const chosen = (): string | null => personal?.id ?? null;

/** Use the chosen person's database. Rejects when nobody is chosen, or somebody else than `person`. */
export function use<T>(work: (db: IDBPDatabase<PersonSchema>) => Promise<T>, person = personal?.id): Promise<T> {
  if (!personal || personal.id !== person) return Promise.reject(new SomebodyElse("not this person's turn"));
  return personal.connection.use(work);
}

type Name = Stores[number];
type Held<N extends Name> = PersonSchema[N]["value"];

/** Everything in a store that can be read and looks right, and the keys of the rest: one bad entry hides no other. */
export async function readAll<N extends Name>(store: N, looksRight: (value: Held<N>) => boolean = () => true, person?: string) {
  const all = await use((db) => db.getAll(store), person).catch(() => null);
  if (all?.every(looksRight)) return { values: all, unreadable: [] };
  const values: Held<N>[] = [];
  const unreadable: PersonSchema[N]["key"][] = [];
  for (const key of await use((db) => db.getAllKeys(store), person)) {
    const value = await use((db) => db.get(store, key), person).catch(() => undefined);
    if (value !== undefined && looksRight(value)) values.push(value);
    else unreadable.push(key);
  }
  return { values, unreadable };
}

/** One strict transaction over the named stores; resolves after it is on the disk. */
export function write<T>(stores: Stores, work: (tx: Writing) => Promise<T>, person?: string): Promise<T> {
  return use(async (db) => {
    const tx = db.transaction(stores, "readwrite", { durability: "strict" });
    try {
      const result = await work(tx);
      await tx.done;
      return result;
    } catch (error) {
      try {
        tx.abort();
      } catch {
        // It ended by itself; the first error is the one to tell.
      }
      await tx.done.catch(() => undefined);
      throw error;
    }
  }, person);
}

export async function fact<K extends keyof Facts>(name: K): Promise<Facts[K] | undefined> {
  return use((db) => db.get("facts", name)) as Promise<Facts[K] | undefined>;
}

export function setFacts(facts: Partial<Facts>, person?: string): Promise<void> {
  return write(["facts"], (tx) => putFacts(tx, facts), person);
}

/** A fact within a transaction. */
export async function factIn<K extends keyof Facts>(tx: Writing, name: K): Promise<Facts[K] | undefined> {
  return (await tx.objectStore("facts").get(name)) as Facts[K] | undefined;
}

/** Put facts within a transaction. */
export async function putFacts(tx: Writing, facts: Partial<Facts>): Promise<void> {
  for (const [name, value] of Object.entries(facts)) await tx.objectStore("facts").put(value, name);
}

/** Everybody who has signed in on this phone. */
export function people(): Promise<Person[]> {
  return phone.use((db) => db.getAll("people"));
}

export async function remember(person: Person): Promise<void> {
  await phone.use((db) => db.put("people", person));
}

export async function phoneFact<T>(name: string): Promise<T | undefined> {
  return (await phone.use((db) => db.get("facts", name))) as T | undefined;
}

export async function setPhoneFact(name: string, value: unknown): Promise<void> {
  await phone.use((db) => db.put("facts", value, name));
}

export async function dropPhoneFact(name: string): Promise<void> {
  await phone.use((db) => db.delete("facts", name));
}
