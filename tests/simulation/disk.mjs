/**
 * What lies on a phone's flash: fake-indexeddb's databases, opened up so that a browser can be killed in the
 * middle of a transaction, a battery pulled, a disk be full, or everything be as it was last week.
 */

// First: its modules import each other in a circle.
import FDBFactory from "../../node_modules/fake-indexeddb/build/esm/FDBFactory.js";
import FDBCursor from "../../node_modules/fake-indexeddb/build/esm/FDBCursor.js";
import FDBDatabase from "../../node_modules/fake-indexeddb/build/esm/FDBDatabase.js";
import FDBIndex from "../../node_modules/fake-indexeddb/build/esm/FDBIndex.js";
import FDBKeyRange from "../../node_modules/fake-indexeddb/build/esm/FDBKeyRange.js";
import FDBObjectStore from "../../node_modules/fake-indexeddb/build/esm/FDBObjectStore.js";
import FDBRequest from "../../node_modules/fake-indexeddb/build/esm/FDBRequest.js";
import FDBTransaction from "../../node_modules/fake-indexeddb/build/esm/FDBTransaction.js";
import closeConnection from "../../node_modules/fake-indexeddb/build/esm/lib/closeConnection.js";
import Database from "../../node_modules/fake-indexeddb/build/esm/lib/Database.js";
import RawIndex from "../../node_modules/fake-indexeddb/build/esm/lib/Index.js";
import RawStore from "../../node_modules/fake-indexeddb/build/esm/lib/ObjectStore.js";

/** The names under which a page knows IndexedDB. */
export const CLASSES = {
  IDBCursor: FDBCursor,
  IDBDatabase: FDBDatabase,
  IDBFactory: FDBFactory,
  IDBIndex: FDBIndex,
  IDBKeyRange: FDBKeyRange,
  IDBObjectStore: FDBObjectStore,
  IDBRequest: FDBRequest,
  IDBTransaction: FDBTransaction,
};

const abort = FDBTransaction.prototype._abort;
const finish = FDBTransaction.prototype._markFinished;

FDBTransaction.prototype._abort = function (name) {
  this._aborted = true;
  abort.call(this, name);
};

// Called when a transaction has nothing left to do: here it is committed, or the disk turns out to be full.
FDBTransaction.prototype._markFinished = function () {
  const wrote = this.mode !== "readonly" && !this._aborted && this._rollbackLog.length > 0;
  if (wrote && this.db.isFull?.()) return this._abort("QuotaExceededError");
  if (wrote) {
    const database = this.db._rawDatabase;
    if (this.durability === "strict" || this.mode === "versionchange") database.unflushed = [];
    else (database.unflushed ??= []).push(...this._rollbackLog);
  }
  return finish.call(this);
};

/** One phone's IndexedDB. */
export class Disk {
  factory = new FDBFactory();

  /** The factory as one page sees it; `isFull` is asked at each commit. */
  page(isFull) {
    const connections = new Set();
    const keep = (event) => {
      const connection = event.target.result;
      if (!connection) return;
      connection.isFull = isFull;
      connections.add(connection);
    };
    const { factory } = this;
    const open = (name, version) => {
      const request = factory.open(name, version);
      request.addEventListener("upgradeneeded", keep);
      request.addEventListener("success", keep);
      return request;
    };
    const page = { open, deleteDatabase: (n) => factory.deleteDatabase(n), databases: () => factory.databases(), cmp: (a, b) => factory.cmp(a, b) };
    return { indexedDB: page, connections };
  }

  /** A page is gone: what it had not committed never was. */
  drop(connections) {
    for (const connection of connections) {
      const database = connection._rawDatabase;
      for (const tx of [...database.transactions]) if (tx.db === connection && tx._state !== "finished") tx._abort("AbortError");
      connection._closePending = connection._closed = true;
      database.connections = database.connections.filter((other) => other !== connection);
    }
  }

  /** The browser closes its connections by itself, as iOS does in the background. */
  hangUp(connections) {
    for (const connection of connections) if (!connection._closed) closeConnection(connection, true);
  }

  /** The battery is out: commits that were not flushed to the flash are undone. */
  loseUnflushed() {
    for (const database of this.factory._databases.values()) {
      for (const undo of (database.unflushed ?? []).reverse()) undo();
      database.unflushed = [];
    }
  }

  /** Everything as it is now; pages that are open go on with the original. */
  copy(names = [...this.factory._databases.keys()]) {
    return new Map(names.map((name) => [name, copyOf(this.factory._databases.get(name))]));
  }

  /** Put databases in place of those of their names, or take those away that are null. No page may be open. */
  put(databases) {
    for (const [name, database] of databases) {
      if (database) this.factory._databases.set(name, copyOf(database));
      else this.factory._databases.delete(name);
    }
  }

  /** The names of its databases. */
  names() {
    return [...this.factory._databases.keys()];
  }

  /** All values of a store, as they lie there; empty when there is none. */
  all(name, store) {
    const raw = this.factory._databases.get(name)?.rawObjectStores.get(store);
    return raw ? [...raw.records.values()].map((record) => record.value) : [];
  }

  /** One value of a store. */
  one(name, store, key) {
    return this.factory._databases.get(name)?.rawObjectStores.get(store)?.records.get(key)?.value;
  }
}

function copyOf(database) {
  const copy = new Database(database.name, database.version);
  for (const [name, store] of database.rawObjectStores) {
    const into = new RawStore(copy, name, store.keyPath, store.autoIncrement);
    for (const record of store.records.values()) into.records.put({ ...record });
    for (const [called, index] of store.rawIndexes) {
      const also = new RawIndex(into, called, index.keyPath, index.multiEntry, index.unique);
      for (const record of index.records.values()) also.records.put({ ...record });
      also.initialized = true;
      into.rawIndexes.set(called, also);
    }
    if (store.keyGenerator) into.keyGenerator.num = store.keyGenerator.num;
    copy.rawObjectStores.set(name, into);
  }
  return copy;
}
