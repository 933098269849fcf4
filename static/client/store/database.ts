/**
 * The local database: one for each person on this phone, and a small one that knows who they are.
 *
 * Writes are of strict durability, and only after `complete` does anybody hear "saved". iOS closes
 * connections of apps in the background: every access goes through `use`, which reopens and tries once more.
 * Opening never makes an empty store out of one that could not be read.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";

import type { Draft, Kit, Person, Receipt, WardRecord } from "../types";

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
}

export interface PersonSchema extends DBSchema {
  facts: { key: string; value: unknown };
  records: { key: string; value: WardRecord };
  outbox: { key: number; value: OutboxEntry; indexes: { record: string } };
  sent: { key: string; value: SentEntry; indexes: { record: string } };
  drafts: { key: string; value: Draft };
}

interface PhoneSchema extends DBSchema {
  people: { key: string; value: Person };
  facts: { key: string; value: unknown };
}

export type Stores = ("facts" | "records" | "outbox" | "sent" | "drafts")[];
export type Writing = IDBPTransaction<PersonSchema, Stores, "readwrite">;

const VERSION = 1;

/** A database that reopens itself when the browser has closed it. */
class Connection<S extends DBSchema> {
  private opened: Promise<IDBPDatabase<S>> | null = null;

  constructor(private readonly open: (forget: () => void) => Promise<IDBPDatabase<S>>) {}

  private get(): Promise<IDBPDatabase<S>> {
    this.opened ??= this.open(() => (this.opened = null)).catch((error: unknown) => {
      this.opened = null;
      throw error;
    });
    return this.opened;
  }

  /** Do something with the open database; once more on a fresh connection when the old one was dead. */
  async use<T>(work: (db: IDBPDatabase<S>) => Promise<T>): Promise<T> {
    try {
      return await work(await this.get());
    } catch (error) {
      if (!isDead(error)) throw error;
      this.opened = null;
      return work(await this.get());
    }
  }

  async close(): Promise<void> {
    const open = this.opened;
    this.opened = null;
    (await open?.catch(() => null))?.close();
  }
}

/** The phone was handed to somebody else while work for a person was under way. */
export class SomebodyElse extends Error {}

function isDead(error: unknown): boolean {
  return error instanceof DOMException && ["InvalidStateError", "UnknownError"].includes(error.name);
}

const phone = new Connection<PhoneSchema>((forget) =>
  openDB<PhoneSchema>("to-am", VERSION, {
    upgrade(db) {
      db.createObjectStore("people", { keyPath: "id" });
      db.createObjectStore("facts");
    },
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
    terminated: forget,
  }),
);

let personal: { id: string; connection: Connection<PersonSchema> } | null = null;

function openPerson(id: string): Connection<PersonSchema> {
  return new Connection<PersonSchema>((forget) =>
    openDB<PersonSchema>(`to-am-${id}`, VERSION, {
      upgrade(db) {
        db.createObjectStore("facts");
        db.createObjectStore("records", { keyPath: "id" });
        db.createObjectStore("outbox", { keyPath: "seq" }).createIndex("record", "record");
        db.createObjectStore("sent", { keyPath: "id" }).createIndex("record", "record");
        db.createObjectStore("drafts", { keyPath: "id" });
      },
      blocking: (_, __, event) => (event.target as IDBDatabase).close(),
      terminated: forget,
    }),
  );
}

/** Turn to a person's own database; nobody's when null. Others' stay as they are. */
export async function choose(id: string | null): Promise<void> {
  if (personal?.id === id) return;
  await personal?.connection.close();
  personal = id ? { id, connection: openPerson(id) } : null;
}

/** Use the chosen person's database. Rejects when nobody is chosen, or somebody else than `person`. */
export function use<T>(work: (db: IDBPDatabase<PersonSchema>) => Promise<T>, person = personal?.id): Promise<T> {
  if (!personal || personal.id !== person) return Promise.reject(new SomebodyElse("not this person's turn"));
  return personal.connection.use(work);
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
  return write(["facts"], async (tx) => {
    for (const [name, value] of Object.entries(facts)) await tx.objectStore("facts").put(value, name);
  }, person);
}

/** This person's place on this phone: made once, kept for ever. */
export function device(made: string = crypto.randomUUID()): Promise<string> {
  return write(["facts"], async (tx) => {
    const known = (await tx.objectStore("facts").get("device")) as string | undefined;
    if (known) return known;
    await tx.objectStore("facts").put(made, "device");
    return made;
  });
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
