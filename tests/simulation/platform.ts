/** What a page finds around it: the globals of a browser, made of the world's time, chance, flash and network. */

import { gunzipSync, gzipSync } from "node:zlib";

import type { Browser, Tab } from "./browser";
import { KEPT_AS_IT_IS } from "./clone.mjs";
import { CLASSES } from "./disk.mjs";
import type { Timer } from "./loop";
import { subtleOf } from "./subtle";

const MUCH = 1000;

/** Everything that the phone's code takes from its browser, by name. */
export function surroundings(tab: Tab): Record<string, unknown> {
  const { browser } = tab;
  const storage = { persist: async () => true, persisted: async () => true, estimate: async () => ({ usage: 1e6, quota: 1e9 }) };
  const env: Record<string, unknown> = {
    ...CLASSES,
    ...timersOf(tab),
    indexedDB: tab.indexedDB,
    Date: dateOf(() => browser.clock()),
    Math: Object.create(Math, { random: { value: () => browser.random.next() } }),
    crypto: cryptoOf(browser),
    fetch: (path: string, init: RequestInit) => browser.network.send(tab, path, init),
    navigator: { onLine: true, userAgent: "Mozilla/5.0 (Linux; Android 13; SM-A127F)", locks: browser.locks.of(tab), storage },
    localStorage: localStorageOf(tab),
    BroadcastChannel: channelOf(tab),
    document: { ...listenersOf(tab, "document"), visibilityState: "visible", hidden: false, documentElement: {} },
    location: { reload: () => tab.reload(), pathname: "/app/", href: "https://localhost/app/" },
    ...listenersOf(tab, "window"),
    Blob: Parts,
    ...(browser.packs ? { CompressionStream: Gzip, Response: Packed } : { CompressionStream: undefined }),
    console: { log() {}, info() {}, warn() {}, error() {} },
  };
  for (const name of ["window", "self", "globalThis"]) env[name] = env;
  return env;
}

/** A clock that may be wrong; dates that are written down are what they are. */
function dateOf(now: () => number): DateConstructor {
  return class extends Date {
    constructor(...given: []) {
      super(...((given.length ? given : [now()]) as []));
    }
    static override now = now;
  } as unknown as DateConstructor;
}

function cryptoOf(browser: Browser) {
  // Much noise is a store's ballast, of which nobody reads a byte.
  const getRandomValues = (into: Uint8Array) => {
    if (into.length > MUCH) return into.fill(browser.random.between(0, 255));
    for (let at = 0; at < into.length; at += 1) into[at] = browser.random.between(0, 255);
    return into;
  };
  return { randomUUID: () => browser.random.uuid(), getRandomValues, subtle: subtleOf((count) => getRandomValues(new Uint8Array(count))) };
}

function timersOf(tab: Tab) {
  const { loop } = tab.browser;
  const setTimeout = (work: () => void, wait = 0): Timer => loop.after(wait, () => tab.dead || work());
  const clearTimeout = (timer?: Timer) => timer && loop.cancel(timer);
  return { setTimeout, clearTimeout, queueMicrotask, requestIdleCallback: (work: () => void) => setTimeout(work, 50) };
}

/** addEventListener of a target; the tab dispatches what happens to it. */
function listenersOf(tab: Tab, target: string) {
  const addEventListener = (type: string, work: (event: unknown) => void) => tab.listen(`${target}:${type}`, work);
  return { addEventListener, removeEventListener: () => undefined, dispatchEvent: () => true };
}

function localStorageOf(tab: Tab) {
  const kept = tab.browser.local;
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: unknown) => {
      if (tab.browser.full) throw new DOMException("full", "QuotaExceededError");
      if (!tab.dead) kept.set(name, String(value));
    },
    removeItem: (name: string) => void (tab.dead || kept.delete(name)),
  };
}

function channelOf(tab: Tab) {
  return class {
    readonly listeners: ((event: { data: unknown }) => void)[] = [];

    constructor(readonly name: string) {
      tab.channels.push(this);
    }

    addEventListener(_: string, work: (event: { data: unknown }) => void) {
      this.listeners.push(work);
    }

    postMessage(data: unknown) {
      if (tab.dead) return;
      for (const other of tab.browser.tabs)
        if (other !== tab) tab.browser.loop.post(() => other.dead || other.hear(this.name, data));
    }

    close() {}
  };
}

/** A blob: it never changes, so that a store keeps it without copying it. */
class Parts {
  constructor(private readonly parts: (string | Uint8Array)[]) {}

  stream() {
    return { pipeThrough: () => gzipSync(Buffer.concat(this.parts.map((part) => Buffer.from(part as string)))) };
  }
}

Object.assign(Parts.prototype, { [KEPT_AS_IT_IS]: true });

class Gzip {}

class Packed {
  constructor(private readonly packed: Buffer) {}

  async arrayBuffer() {
    return this.packed;
  }
}

export const unpacked = (body: unknown): string => (typeof body === "string" ? body : gunzipSync(body as Buffer).toString());
