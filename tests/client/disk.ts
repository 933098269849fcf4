/** A phone that is full: every database shares so many bytes, and what does not fit fails as browsers fail it. */

type Put = (this: IDBObjectStore, value: unknown, key?: IDBValidKey) => IDBRequest<IDBValidKey>;

const proto = IDBObjectStore.prototype;
const real = { put: proto.put, add: proto.add, delete: proto.delete, clear: proto.clear };
let held = new Map<string, number>();
let room = Infinity;

const place = (store: IDBObjectStore, key: unknown) => `${store.transaction.db.name}/${store.name}/${String(key)}`;
const size = (value: unknown) => (value instanceof Blob ? value.size : new TextEncoder().encode(JSON.stringify(value, plain) ?? "").length);
/** What is closed up takes as much room as it has bytes. */
const plain = (_: string, part: unknown) => (part instanceof ArrayBuffer ? "x".repeat(part.byteLength) : part);

/** Bytes that lie in the databases whose address begins so: "to-am-<person>/outbox". */
export function lies(prefix: string): number {
  return [...held].reduce((sum, [at, bytes]) => sum + (at.startsWith(prefix) ? bytes : 0), 0);
}

/** From now on only so many more bytes fit. */
export function leave(bytes: number): void {
  room = lies("") + bytes;
}

/** Room without end again, and nothing remembered. */
export function unlimited(): void {
  room = Infinity;
}

/** Count what is written from here on. */
export function watchDisk(): void {
  held = new Map();
  const counted = (name: "put" | "add"): Put => function (value, key) {
    const at = place(this, key ?? (value as Record<string, unknown>)[String(this.keyPath)]);
    if (lies("") - (held.get(at) ?? 0) + size(value) > room) throw new DOMException("full", "QuotaExceededError");
    held.set(at, size(value));
    return (real[name] as Put).call(this, value, key);
  };
  proto.put = counted("put") as typeof proto.put;
  proto.add = counted("add") as typeof proto.add;
  proto.delete = function (key) {
    held.delete(place(this, key));
    return real.delete.call(this, key);
  };
  proto.clear = function () {
    for (const at of held.keys()) if (at.startsWith(place(this, ""))) held.delete(at);
    return real.clear.call(this);
  };
}
