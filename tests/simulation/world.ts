/** One run: a few phones, their people and a ward, from one seed to one verdict. */

import { createHash } from "node:crypto";

import { Browser, type CoreMaker, type Kept, type Tab } from "./browser";
import { useLoop } from "./scheduling.mjs";
import { Loop } from "./loop";
import { Network, type Trip, bodyOf } from "./network";
import { Random } from "./random";
import type { Said } from "./server";
import { Trace } from "./trace";
import { GROUP_2_VIET_HUNG, GROUP_7, type Person, Ward, person } from "./ward";
import { outOfScope } from "./scope";

export const MORNING = Date.UTC(2026, 5, 3, 2, 12, 44);

/** An entry of an outbox, as it lies on the phone. */
export interface Entry {
  seq: number;
  id: string;
  record: string;
  /** The phone's own copy; "" of what nobody reads there any more. */
  body: string;
  sealed?: { text: string; hash: string };
  own?: { data: ArrayBuffer };
}

/** What a phone can still read of what it wrote; "" when nothing. */
export const readable = ({ body, own }: Entry): string => (own ? (JSON.parse(Buffer.from(own.data).toString()) as string) : body);

/** A phone and whose it is: the people who sign in there. */
export interface Phone {
  name: string;
  browser: Browser;
  owners: string[];
}

/** A save on its way, and what became of it. */
export interface Watched {
  phone: Phone;
  page: Tab;
  person: string;
  over: boolean;
  /** What lies on the phone once it was said to be saved. */
  entry: Entry | null;
}

export const PHONES: [name: string, owners: string[]][] = [
  ["lan", ["Lan"]],
  ["hoa", ["Hoa"]],
  ["tuan", ["Tuan"]],
  ["shared", ["Lan", "Hoa"]],
];

export class World {
  readonly loop = new Loop(MORNING);
  readonly trace: Trace;
  readonly people: Random;
  readonly network: Network;
  readonly ward: Ward;
  readonly persons: Record<string, Person> = {
    Lan: person(7, "Lan", GROUP_7),
    Hoa: person(3, "Hoa", GROUP_7),
    Tuan: person(9, "Tuan", GROUP_2_VIET_HUNG),
  };
  readonly phones: Phone[] = [];
  readonly saves: Watched[] = [];
  /** Changes whose receipt has left the server: id and hash, "" where it is that of a seal. */
  readonly receipted = new Map<string, string>();
  /** How many changes went up sealed. */
  sealed = 0;
  /** What must not be. */
  readonly wrong: string[] = [];
  /** Pushes that the server took in. */
  pushes = 0;
  /** Whether somebody copied the database, and whether it was put back. */
  backedUp = false;
  restored = false;
  private places: [Person, number[]][] = [];
  private readonly flying = new Map<Browser, Set<Trip>>();
  private marks = 0;

  constructor(
    readonly seed: string,
    private readonly make: CoreMaker,
    bodies = false,
  ) {
    this.trace = new Trace(() => this.loop.now - MORNING, bodies);
    useLoop(this.loop);
    this.people = new Random(`${seed}/people`);
    this.network = new Network(this.loop, new Random(`${seed}/network`), this.trace);
    this.ward = new Ward(this.network, new Random(`${seed}/ward`), (what) => this.trace.say("ward", what));
    this.keepPlaces();
    this.network.watch = { leaves: (trip) => this.leaves(trip), ends: (trip) => this.ends(trip), answered: (trip, said) => this.answered(trip, said) };
  }

  /** Put a phone into the world, as it was when it was put away. */
  add(name: string, kept?: Kept): Phone {
    const owners = PHONES.find(([known]) => known === name)![1].map((who) => this.persons[who]!.id);
    const browser = new Browser(name, this.loop, new Random(`${this.seed}/${name}`), this.network, this.make);
    if (kept) browser.become(kept);
    const phone = { name, browser, owners };
    this.phones.push(phone);
    return phone;
  }

  /** Who works where is part of a backup, too. */
  keepPlaces(): void {
    this.places = Object.values(this.persons).map((one) => [one, one.groups]);
  }

  restorePlaces(): void {
    for (const [one, groups] of this.places) one.groups = groups;
    this.network.shelf.clear();
  }

  name(id: string): string {
    return Object.values(this.persons).find((one) => one.id === id)?.name ?? id;
  }

  tell(phone: Phone, what: string): void {
    this.trace.say(phone.name, what);
  }

  fault(what: string): void {
    this.trace.say("WRONG", what);
    this.wrong.push(what);
  }

  /** A text that occurs once in the world. */
  mark(): string {
    return `№${++this.marks}`;
  }

  whenLoaded(page: Tab, then: () => void, patience = 200): void {
    if (page.dead) return;
    if (page.core.state.loaded.value) then();
    else if (patience) this.loop.after(10, () => this.whenLoaded(page, then, patience - 1));
    else this.fault(`${page.browser.name}: the app does not start`);
  }

  /** Go on until the promise has an end; false when it has none within ten minutes. */
  wait(promise: Promise<unknown>): boolean {
    let over = false;
    const end = this.loop.now + 600_000;
    const note = () => (over = true);
    promise.then(note, note);
    this.loop.run(() => over || this.loop.now > end);
    return over;
  }

  begins(phone: Phone, page: Tab, person: string): Watched {
    const watched = { phone, page, person, over: false, entry: null };
    this.saves.push(watched);
    return watched;
  }

  /** The page said "saved". Then it must lie on the phone: as a change of the record that sets this, or for this reason. */
  saved(watched: Watched, record: string, set: unknown): void {
    watched.over = true;
    if (watched.page.dead) return;
    const claimed = new Set(this.saves.map(({ entry }) => entry?.id));
    const fits = (entry: Entry) => {
      const { id, record: about } = entry;
      const body = readable(entry);
      // What is shut at once cannot be looked into: that it lies there, for this record and not claimed yet, has to do.
      if (!body) return about === record && !claimed.has(id);
      const change = JSON.parse(body) as { set?: unknown; reason?: string };
      return about === record && !claimed.has(id) && JSON.stringify(change.set ?? change.reason) === JSON.stringify(set);
    };
    const { disk } = watched.phone.browser;
    const place = `to-am-${watched.person}`;
    watched.entry = [...disk.all(place, "outbox"), ...disk.all(place, "sent")].find(fits) ?? null;
    this.tell(watched.phone, `saved ${record.slice(0, 8)} as ${watched.entry?.seq}`);
    if (!watched.entry) this.fault(`${watched.phone.name}: said to be saved, and does not lie on the phone`);
  }

  refused(watched: Watched, error: Error): void {
    watched.over = true;
    if (!watched.page.dead) this.tell(watched.phone, `not saved: ${error.name}`);
  }

  /** Whether a change cannot have survived: the phone that held it was lost or went back in time. */
  isPlantedLoss(_phone: Phone, _person: string, _entry: Entry): boolean {
    return false;
  }

  private leaves(trip: Trip): void {
    if (!trip.wanted.path.endsWith("/sync")) return;
    const { browser } = trip.tab;
    const out = this.flying.get(browser) ?? new Set();
    this.flying.set(browser, out);
    const others = [...out].filter(({ tab }) => tab !== trip.tab && !tab.dead);
    if (others.length && !browser.locks.stolen) this.fault(`${browser.name}: two pages send at once`);
    out.add(trip);
  }

  private ends(trip: Trip): void {
    this.flying.get(trip.tab.browser)?.delete(trip);
  }

  /** An answer leaves the server, whoever hears it: what it receipts must be there ever after. */
  private answered(trip: Trip, said: Said): void {
    if (!trip.wanted.path.endsWith("/sync")) return;
    const question = JSON.parse(trip.text) as { person: string; changes: { body: string; head?: string }[] };
    const answer = JSON.parse(bodyOf(said)) as { receipts: { id: string; sha256: string }[]; records: any[] };
    if (question.changes.length) this.pushes += 1;
    answer.receipts.forEach(({ id, sha256 }, at) => {
      const { body, head } = question.changes[at]!;
      if (sha256 !== createHash("sha256").update(body).digest("hex")) this.fault(`receipted ${id.slice(0, 8)} for other bytes`);
      this.receipted.set(id, head ? "" : sha256);
      if (head) this.sealed += 1;
    });
    const reader = Object.values(this.persons).find(({ id }) => id === question.person)!;
    for (const record of answer.records) {
      const why = outOfScope(reader, record);
      if (why) this.fault(`${trip.tab.browser.name}: got ${record.id.slice(0, 8)}, ${why}`);
    }
  }
}
