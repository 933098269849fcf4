/** Databases as released versions of the app left them, laid out without any of today's code. */

import { readFileSync } from "node:fs";

declare const FIXTURES: string;

export interface Fixture {
  version: number;
  stores: Record<string, { keyPath: string | null; indexes: Record<string, string>; rows: [IDBValidKey | null, unknown][] }>;
}

/** The fixture of a version: `person-1` is tests/client/fixtures/person-1.json. */
export function fixture(name: string): Fixture {
  return JSON.parse(readFileSync(`${FIXTURES}/${name}.json`, "utf8")) as Fixture;
}

/** Make a database from a fixture. */
export async function lay(name: string, { version, stores }: Fixture): Promise<void> {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => {
    for (const [store, { keyPath, indexes, rows }] of Object.entries(stores)) {
      const made = request.result.createObjectStore(store, keyPath ? { keyPath } : undefined);
      for (const [index, path] of Object.entries(indexes)) made.createIndex(index, path);
      for (const [key, value] of rows) made.put(value, key ?? undefined);
    }
  };
  (await asked(request)).close();
}

/** A database as a fixture, whatever version it has. */
export async function picture(name: string): Promise<Fixture> {
  const db = await asked(indexedDB.open(name));
  const stores: Fixture["stores"] = {};
  for (const store of db.objectStoreNames) {
    const here = db.transaction(store).objectStore(store);
    const indexes = Object.fromEntries([...here.indexNames].map((index) => [index, String(here.index(index).keyPath)]));
    const keyPath = here.keyPath as string | null;
    const [keys, values] = await Promise.all([asked(here.getAllKeys()), asked(here.getAll() as IDBRequest<unknown[]>)]);
    stores[store] = { keyPath, indexes, rows: values.map((value, i) => [keyPath ? null : keys[i]!, value]) };
  }
  const { version } = db;
  db.close();
  return { version, stores };
}

/** What a request gives. */
export function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Only the shape: stores, keys and indexes. */
export function shape({ stores }: Fixture): unknown {
  const sorted = Object.entries(stores).sort(([a], [b]) => a.localeCompare(b));
  return sorted.map(([name, { keyPath, indexes }]) => [name, keyPath, Object.entries(indexes).sort()]);
}

/** Rows in the order of their keys, for comparing. */
export function rows({ stores }: Fixture, store: string): unknown[] {
  return (stores[store]?.rows ?? []).map((row) => JSON.stringify(row)).sort();
}
