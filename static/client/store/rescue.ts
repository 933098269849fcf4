/**
 * Reading what waits without the store's own help: when it does not open, or was made by a newer version.
 * It opens whatever version is there, reads, changes nothing, and never makes a database that is not there.
 */

import type { Shut } from "../sync/shut";
import type { Travelling } from "../sync/signing";
import type { UnsentFile } from "../sync/unsent-file";
import type { Draft } from "../types";
import { PHONE_NAME, personName } from "./database";
import type { DraftRow } from "./kept";

/** Everybody whose own database lies here, as far as the browser tells. */
export async function peopleHere(): Promise<string[]> {
  const all = (await indexedDB.databases?.().catch(() => [])) ?? [];
  const beginning = personName("");
  return all.flatMap(({ name }) => (name?.startsWith(beginning) ? [name.slice(beginning.length)] : []));
}

/** Who uses this phone at the moment; null when that cannot be read either. */
export async function currentPerson(): Promise<string | null> {
  const db = await openAsItIs(PHONE_NAME).catch(() => null);
  const found = db && (await value(db, "facts", "current").catch(() => null));
  db?.close();
  return typeof found === "string" ? found : null;
}

/** Read a person's unsent work, with the drafts; throws when nothing of it can be read. */
export async function rescue(person: string, app: string): Promise<UnsentFile> {
  const db = await openAsItIs(personName(person));
  try {
    const entries = (await everything(db, "outbox")) as { body?: unknown; sig?: unknown; sealed?: Shut }[];
    const changes = entries.flatMap(({ body, sig, sealed }): Travelling[] => {
      if (sealed) return [{ body: sealed.text, key: sealed.key, head: sealed.head, ...(sealed.sig && { sig: sealed.sig }) }];
      return typeof body === "string" ? [{ body, ...(typeof sig === "string" && { sig }) }] : [];
    });
    const format = changes.some((one) => "head" in one) ? "to-am-unsent/2" : "to-am-unsent/1";
    const device = await value(db, "facts", "device").catch(() => "");
    const made = new Date().toISOString();
    // Those that are closed up are of no use to anybody.
    const drafts = ((await everything(db, "drafts")) as DraftRow[]).filter((row): row is Draft => !("box" in row));
    return { format, person, device: String(device ?? ""), app, made, changes, drafts };
  } finally {
    db.close();
  }
}

function openAsItIs(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    // Only a database that is not there asks for this: then there is nothing to read, and nothing is made.
    request.onupgradeneeded = () => request.transaction!.abort();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function everything(db: IDBDatabase, store: string): Promise<unknown[]> {
  if (!db.objectStoreNames.contains(store)) return [];
  const keys = await asked(db.transaction(store).objectStore(store).getAllKeys());
  const found = await Promise.all(keys.map((key) => value(db, store, key).catch(() => undefined)));
  return found.filter((one) => one !== undefined);
}

async function value(db: IDBDatabase, store: string, key: IDBValidKey): Promise<unknown> {
  return asked(db.transaction(store).objectStore(store).get(key));
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
