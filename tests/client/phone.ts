/** A phone without a browser: the real store and sync over fake-indexeddb and a server of a few lines. */

import "fake-indexeddb/auto";

import { hold } from "../../static/client/lock/vault";
import * as store from "../../static/client/store/database";
import { takePlace } from "../../static/client/store/place";
import { sha256, waiting } from "../../static/client/store/outbox";
import { commit, views } from "../../static/client/store/records";
import { type Answer, Offline, type Question } from "../../static/client/sync/protocol";
import { type Pass, synchronize } from "../../static/client/sync/synchronize";
import type { WardRecord } from "../../static/client/types";

const NOW = new Date("2026-06-03T02:00:00Z");
let made = 0;

/** Everybody has opened her part. */
export const KEY = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
/** She types her code. */
export const opens = (): void => hold({ data: KEY, read: KEY });

/** A small server that keeps what it commits and can lose its answers. */
export class Ward {
  readonly log = new Map<string, { sha256: string; version: number }>();
  readonly versions = new Map<string, number>();
  trips = 0;
  /** What it tells beside receipts: records, gone, reset, another epoch. */
  news: Partial<Answer> = {};
  answer: (answer: Answer) => Answer = (answer) => answer;
  before: (question: Question) => void = () => undefined;

  readonly ask = async (question: Question): Promise<Answer> => {
    this.trips += 1;
    this.before(question);
    const receipts = [];
    for (const { body } of question.changes) {
      const { id, record } = JSON.parse(body) as { id: string; record: string };
      const hash = await sha256(body);
      const known = this.log.get(id);
      if (!known) this.versions.set(record, (this.versions.get(record) ?? 0) + 1);
      const entry = known ?? { sha256: hash, version: this.versions.get(record)! };
      this.log.set(id, entry);
      receipts.push({ id, outcome: "applied" as const, problems: [], ...entry });
    }
    const rest = { epoch: "e", now: NOW.toISOString(), cursor: "c", more: false, reset: false, records: [], gone: [], missing: [] };
    return this.answer({ ...rest, receipts, ...this.news });
  };
}

/** Somebody's place on this phone. */
export class Phone {
  constructor(readonly person: string) {}

  static async of(name: string): Promise<Phone> {
    const phone = new Phone(`${name}-${++made}`);
    await store.choose(phone.person);
    opens();
    await takePlace(phone.person, NOW);
    return phone;
  }

  async save(set: Record<string, unknown>, record = `r${++made}`, base = 0): Promise<string> {
    const at = "2026-06-03T09:00:00+07:00";
    await commit({ id: `c${++made}`, record, kind: "hazard_site", form: 1, base, at, set }, null);
    return record;
  }

  sync(ward: Ward, now = NOW): Promise<Pass> {
    return synchronize({ app: "test", person: this.person, now: () => now, ask: ward.ask });
  }

  /** A pass in which the ward has this to tell, and nothing else. */
  hear(news: Partial<Answer>): Promise<Pass> {
    const ward = new Ward();
    ward.news = news;
    return this.sync(ward);
  }

  unsent = () => waiting();
  views = () => views(this.person);
}

/** A record as the ward sends it. */
export function wardRecord(id: string, more: Partial<WardRecord> = {}): WardRecord {
  return {
    id, kind: "hazard_site", version: 1, status: "received", unit: "1", author: "x", parent: null,
    data: { title: id }, conflicts: [], problems: [], review: null, received: "2026-06-01T00:00:00Z", ...more,
  };
}

export const lost = (): never => {
  throw new Offline("lost");
};
