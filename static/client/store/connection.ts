/**
 * Opening a local database, and keeping it open.
 *
 * A database climbs its steps one version at a time, all of them or none. Whatever fails, its bytes stay as they
 * were: nothing here deletes, and nothing takes an empty store for one that could not be read.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames, openDB } from "idb";

/** What leads from one version to the next. It only asks (stores, indexes, requests) and never waits. */
export type Step<S extends DBSchema> = (
  db: IDBPDatabase<S>,
  tx: IDBPTransaction<S, StoreNames<S>[], "versionchange">,
) => void;

/** The database was made by a newer version of the app than this page is. */
export class Newer extends Error {}

/** What the page wants to hear from its databases. */
export const watch = {
  /** Another tab holds on to an old version, and opening waits for it; false when it waits no more. */
  blocked: (_: boolean): void => undefined,
  /** Another tab has a newer version and waits for this one: write what is still in memory, now or never. */
  handOver: (): Promise<unknown> => Promise.resolve(),
};

/** A database that opens when it is first used, and again when the browser has closed it. */
export class Connection<S extends DBSchema> {
  private opened: Promise<IDBPDatabase<S>> | null = null;

  constructor(
    private readonly name: string,
    private readonly steps: Step<S>[],
  ) {}

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

  private get(): Promise<IDBPDatabase<S>> {
    this.opened ??= this.open().catch((error: unknown) => {
      this.opened = null;
      throw error instanceof DOMException && error.name === "VersionError" ? new Newer(error.message) : error;
    });
    return this.opened;
  }

  private async open(): Promise<IDBPDatabase<S>> {
    try {
      return await openDB<S>(this.name, this.steps.length, {
        upgrade: (db, from, _, tx) => climb(this.steps.slice(from), db, tx),
        blocked: () => watch.blocked(true),
        blocking: (_, wanted, event) => void this.yield(event.target as IDBDatabase, wanted),
        terminated: () => (this.opened = null),
      });
    } finally {
      watch.blocked(false);
    }
  }

  /** Make way for a newer version, but not for a deletion: nobody deletes what waits here. */
  private async yield(db: IDBDatabase, wanted: number | null): Promise<void> {
    if (wanted === null) return;
    await watch.handOver().catch(() => undefined);
    this.opened = null;
    db.close();
  }
}

function climb<S extends DBSchema>(steps: Step<S>[], db: IDBPDatabase<S>, tx: Parameters<Step<S>>[1]): void {
  try {
    for (const step of steps) step(db, tx);
  } catch {
    // All steps or none: opening fails, and the old version is there as it was.
    tx.done.catch(() => undefined);
    tx.abort();
  }
}

function isDead(error: unknown): boolean {
  return error instanceof DOMException && ["InvalidStateError", "UnknownError"].includes(error.name);
}
