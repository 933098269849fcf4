/** The way between phones and server: slow, and by seed forgetful, doubling, late, cut, or in strange hands. */

import { gunzipSync } from "node:zlib";

import type { Browser, Tab } from "./browser";
import { type Fault, liar, strangers } from "./faults";
import type { Loop } from "./loop";
import { unpacked } from "./platform";
import type { Random } from "./random";
import { type Request, type Said, request } from "./server";
import type { Trace } from "./trace";

/** A request on its way, and how its sender hears of the end. */
export interface Trip {
  tab: Tab;
  wanted: Request;
  /** The request's body as text. */
  text: string;
  over: boolean;
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
}

/** Those who look at what passes. */
export interface Watch {
  leaves(trip: Trip): void;
  ends(trip: Trip): void;
  answered(trip: Trip, said: Said): void;
}

export class Network {
  /** The faults of this run, and how often one of them strikes. */
  faults: Fault[] = [];
  trouble = 0;
  /** The server's clock is off by this much, milliseconds. */
  serverWrongBy = 0;
  /** The server's epoch, as anybody on the way can read it. */
  private epoch = "";
  /** Until when the server does not answer. */
  downUntil = 0;
  /** Spares the server questions for forms that have not changed: they are not what is tried here. */
  shelf = new Shelf();
  watch: Watch = { leaves: () => undefined, ends: () => undefined, answered: () => undefined };

  constructor(
    private readonly loop: Loop,
    private readonly random: Random,
    private readonly trace: Trace,
  ) {}

  /** `fetch` of a page. */
  send(tab: Tab, path: string, init: RequestInit): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (tab.dead) return;
      const trip = this.prepare(tab, path, init, resolve, reject);
      init.signal?.addEventListener("abort", () => this.end(trip, () => reject(new DOMException("aborted", "AbortError"))));
      this.watch.leaves(trip);
      this.depart(trip);
    });
  }

  /** The server takes a request in, whoever waits for the answer. */
  handle(trip: Trip, more: Partial<Request> = {}): Said {
    const { browser } = trip.tab;
    const said = this.loop.now < this.downUntil ? strangers.badGateway() : this.shelf.answer(trip.wanted, () => request(this.serverNow(), { ...trip.wanted, ...more }));
    const size = trip.text.length;
    this.trace.say(browser.name, `server: ${trip.wanted.method} ${trip.wanted.path} ${size} -> ${said.died ? "died" : said.status}`);
    this.trace.note(trip.text);
    this.trace.note(bodyOf(said));
    if (!said.died && said.status === 200) this.watch.answered(trip, said);
    this.epoch = /"epoch":"([^"]*)"/.exec(bodyOf(said))?.[1] ?? this.epoch;
    return said;
  }

  serverNow = (): number => this.loop.now + this.serverWrongBy;

  private prepare(tab: Tab, path: string, init: RequestInit, resolve: Trip["resolve"], reject: Trip["reject"]): Trip {
    const { browser } = tab;
    const headers: Record<string, string> = { ...(init.headers as Record<string, string>), "Sec-Fetch-Site": "same-origin" };
    if (browser.cookies.size) headers["Cookie"] = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (browser.packs) headers["Accept-Encoding"] = "gzip, deflate, br";
    const text = init.body == null ? "" : unpacked(init.body);
    const packed = typeof init.body === "string" || init.body == null ? undefined : (init.body as unknown as Buffer).toString("base64");
    const wanted: Request = { method: init.method ?? "GET", path, headers, ...(packed ? { packed } : { body: text }) };
    return { tab, wanted, text, over: false, resolve, reject };
  }

  private depart(trip: Trip): void {
    const { browser } = trip.tab;
    const up = this.random.between(20, 900);
    if (!browser.online) return void this.loop.after(30, () => this.fail(trip, "no signal"));
    const fault = this.random.chance(this.trouble) && this.faults.length ? this.random.pick(this.faults) : null;
    if (fault) this.trace.say(browser.name, `network: ${fault} ${trip.wanted.path}`);
    if (fault) this.loop.after(up, () => this.strike(fault, trip));
    else this.loop.after(up, () => this.deliver(trip, this.handle(trip)));
  }

  private strike(fault: Fault, trip: Trip): void {
    const later = (wait: number) => this.loop.after(wait, () => this.handle(trip));
    if (fault === "lost") return this.fail(trip, "lost");
    if (fault === "late copy") later(this.random.between(1_000, 240_000));
    if (fault === "doubled") later(this.random.between(0, 50));
    if (fault === "late copy" || fault === "doubled") return this.deliver(trip, this.handle(trip));
    if (fault === "overtaken") {
      later(this.random.between(500, 90_000));
      return this.fail(trip, "given up, still on its way");
    }
    if (fault === "slow") return void this.loop.after(this.random.between(55_000, 70_000), () => this.deliver(trip, this.handle(trip)));
    if (fault === "server dies") return this.deliver(trip, this.handle(trip, { dies: this.random.between(1, 40) }));
    if (fault === "busy") return this.deliver(trip, this.handle(trip, { busy: this.random.between(3, 30) }));
    if (fault === "half") return this.half(trip);
    if (fault === "liar") return this.deliver(trip, liar(trip.text, this.random.chance(0.5) ? this.epoch : "not ours"));
    if (fault in strangers) return this.deliver(trip, strangers[fault as keyof typeof strangers]());
    const said = this.handle(trip);
    if (fault === "answer lost") this.fail(trip, "answer lost");
    else if (fault === "cut") this.deliver(trip, said, this.random.next());
    else this.deliver(trip, strangers.badGateway());
  }

  /** The connection broke while the request was going up; what came is not what was sent. */
  private half(trip: Trip): void {
    const { body, packed } = trip.wanted;
    const cut = <T extends string | undefined>(text: T) => text?.slice(0, Math.floor(this.random.next() * text.length));
    const part = packed ? { packed: Buffer.from(packed, "base64").subarray(0, -7).toString("base64") } : { body: cut(body) };
    if (trip.wanted.method === "POST") this.handle(trip, part as Partial<Request>);
    this.fail(trip, "connection closed");
  }

  /** The answer goes down; `read` when the connection closes after that part of it. */
  private deliver(trip: Trip, said: Said, read = 1): void {
    this.loop.after(this.random.between(20, 900), () => {
      if (said.died || !trip.tab.browser.online) return this.fail(trip, "connection closed");
      this.end(trip, () => {
        keepCookies(trip.tab.browser, said);
        trip.resolve(new Answer(said, read));
        trip.tab.browser.meetDoom();
      });
    });
  }

  private fail(trip: Trip, why: string): void {
    this.end(trip, () => trip.reject(new TypeError(why)));
  }

  private end(trip: Trip, how: () => void): void {
    if (trip.over) return;
    trip.over = true;
    this.watch.ends(trip);
    if (!trip.tab.dead) how();
  }
}

/** Remembers, as the server does, which forms go with which tag and sign-in. */
export class Shelf {
  constructor(private readonly known = new Map<string, Said>()) {}

  copy(): Shelf {
    return new Shelf(new Map(this.known));
  }

  answer(wanted: Request, ask: () => Said): Said {
    if (wanted.path !== "/api/v1/kit") return ask();
    const place = `${wanted.headers["Cookie"]} ${wanted.headers["If-None-Match"]}`;
    const said = this.known.get(place) ?? ask();
    if (said.status === 304) this.known.set(place, said);
    return said;
  }

  /** Somebody's rights or place have changed. */
  clear(): void {
    this.known.clear();
  }
}

/** The text of an answer's body. */
export function bodyOf(said: Said): string {
  const packed = said.headers.some(([name, value]) => name.toLowerCase() === "content-encoding" && value === "gzip");
  return packed ? gunzipSync(Buffer.from(said.body, "base64")).toString() : said.body;
}

function keepCookies(browser: Browser, said: Said): void {
  for (const [name, value] of said.headers) {
    if (name.toLowerCase() !== "set-cookie") continue;
    const [pair, ...rules] = value.split("; ");
    const [cookie, content] = pair!.split("=") as [string, string];
    if (rules.some((rule) => rule === "Max-Age=0") || !content) browser.cookies.delete(cookie);
    else browser.cookies.set(cookie, content);
  }
}

/** What `fetch` resolves with. */
class Answer {
  readonly redirected = false;
  readonly type: string;
  readonly status: number;
  readonly ok: boolean;
  readonly headers: { get: (name: string) => string | null };

  constructor(
    private readonly said: Said,
    private readonly read: number,
  ) {
    // A browser that was told not to follow shows nothing of a redirect but that it is one.
    const redirect = said.status >= 300 && said.status < 400 && said.status !== 304;
    this.type = redirect ? "opaqueredirect" : "basic";
    this.status = redirect ? 0 : said.status;
    this.ok = this.status >= 200 && this.status < 300;
    const find = (name: string) => said.headers.find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1] ?? null;
    this.headers = { get: redirect ? () => null : find };
  }

  async text(): Promise<string> {
    if (this.read < 1) throw new TypeError("network error");
    return bodyOf(this.said);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
}
