/** One phone: its flash, its clock, its cookies, and the pages that are open in its browser. */

import type { Connections } from "./disk.mjs";
import { type Copy, Disk } from "./disk.mjs";
import { Locks } from "./locks";
import type { Loop } from "./loop";
import type { Network } from "./network";
import { surroundings } from "./platform";
import type { Random } from "./random";

export type Core = typeof import("./core");
export type CoreMaker = (env: Record<string, unknown>) => Core;

/** All that a phone keeps when it is switched off. */
export interface Kept {
  databases: Copy;
  local: [string, string][];
  cookies: [string, string][];
}

export class Browser {
  readonly disk = new Disk();
  readonly local = new Map<string, string>();
  readonly cookies = new Map<string, string>();
  readonly locks: Locks;
  tabs: Tab[] = [];
  /** How far its clock is off, milliseconds. */
  wrongBy = 0;
  online = true;
  full = false;
  /** What befalls it while it takes in the next answer, and how many steps after that came. */
  doom: { steps: number; work: () => void } | null = null;
  /** Whether it sends gzip. */
  packs = false;

  constructor(
    readonly name: string,
    readonly loop: Loop,
    readonly random: Random,
    readonly network: Network,
    private readonly make: CoreMaker,
  ) {
    this.locks = new Locks(loop);
  }

  readonly clock = (): number => this.loop.now + this.wrongBy;

  /** Open the app in a new page. */
  open(): Tab {
    const tab = new Tab(this, this.make);
    this.tabs.push(tab);
    return tab;
  }

  /** The page that people work in: the first, opened when there is none. */
  page(): Tab {
    return this.tabs[0] ?? this.open();
  }

  /** All pages are gone at this moment, whatever they were doing. */
  kill(): void {
    for (const tab of [...this.tabs]) tab.kill();
  }

  /** The battery is out: also what had not reached the flash is gone. */
  powerCut(): void {
    this.kill();
    this.disk.loseUnflushed();
  }

  /** An answer has arrived. */
  meetDoom(): void {
    if (this.doom) this.loop.afterTasks(this.doom.steps, this.doom.work);
    this.doom = null;
  }

  keep(): Kept {
    return { databases: this.disk.copy(), local: [...this.local], cookies: [...this.cookies] };
  }

  /** Be as it was. Its pages are closed first. */
  become(kept: Kept): void {
    this.kill();
    this.disk.put(new Map(this.disk.names().map((name) => [name, null])));
    this.disk.put(kept.databases);
    this.local.clear();
    for (const [name, value] of kept.local) this.local.set(name, value);
    this.cookies.clear();
    for (const [name, value] of kept.cookies) this.cookies.set(name, value);
  }
}

/** A page with the phone's own code in it, as it was built. */
export class Tab {
  readonly core: Core;
  readonly indexedDB: IDBFactory;
  readonly channels: { name: string; listeners: ((event: { data: unknown }) => void)[] }[] = [];
  dead = false;
  private readonly connections: Connections;
  private readonly listeners = new Map<string, ((event: unknown) => void)[]>();

  constructor(
    readonly browser: Browser,
    make: CoreMaker,
  ) {
    ({ indexedDB: this.indexedDB, connections: this.connections } = browser.disk.page(() => browser.full));
    this.core = make(surroundings(this));
    void this.core.state.start().catch(() => undefined);
  }

  kill(): void {
    if (this.dead) return;
    this.dead = true;
    this.browser.tabs = this.browser.tabs.filter((tab) => tab !== this);
    this.browser.disk.drop(this.connections);
    this.browser.locks.leave(this);
  }

  /** The browser closes the databases under the page. */
  hangUp(): void {
    this.browser.disk.hangUp(this.connections);
  }

  reload(): void {
    this.browser.loop.post(() => {
      if (this.dead) return;
      this.kill();
      this.browser.open();
    });
  }

  listen(what: string, work: (event: unknown) => void): void {
    this.listeners.set(what, [...(this.listeners.get(what) ?? []), work]);
  }

  /** Something happens to the page: "window:online", "document:visibilitychange". */
  happen(what: string): void {
    for (const work of this.listeners.get(what) ?? []) work({ type: what });
  }

  hear(channel: string, data: unknown): void {
    for (const { name, listeners } of this.channels) if (name === channel) for (const work of listeners) work({ data });
  }
}
