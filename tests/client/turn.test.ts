/** Two tabs: one sends at a time, a frozen one is not waited for, and what it hears afterwards is not written down. */

import "fake-indexeddb/auto";

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import * as store from "../../static/client/store/database";
import { NotOurTurn } from "../../static/client/sync/protocol";
import { synchronize } from "../../static/client/sync/synchronize";
import { stopTalking } from "../../static/client/sync/talk";
import { inTurn } from "../../static/client/sync/turn";
import { Phone, Ward, wardRecord } from "./phone";

const NOW = new Date("2026-06-03T02:00:00Z");

type Work = () => Promise<void>;

/** Locks as a browser gives them: first come, first served; a thief gets the lock, and its holder an AbortError. */
class Locks {
  private held: { steal: () => void } | null = null;
  private queue: (() => void)[] = [];
  stolen = 0;

  async request(_: string, options: { signal?: AbortSignal; steal?: boolean }, work: Work): Promise<void> {
    if (options.steal) {
      this.stolen += 1;
      this.held?.steal();
      this.held = null;
    }
    if (this.held) await this.wait(options.signal);
    await this.hold(work);
  }

  private wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.queue.push(resolve);
      signal?.addEventListener("abort", () => {
        this.queue = this.queue.filter((one) => one !== resolve);
        reject(new DOMException("aborted", "AbortError"));
      });
    });
  }

  private async hold(work: Work): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const mine = { steal: () => reject(new DOMException("stolen", "AbortError")) };
      this.held = mine;
      work().then(resolve, reject).finally(() => {
        if (this.held !== mine) return;
        this.held = null;
        this.queue.shift()?.();
      });
    });
  }
}

let locks = new Locks();
let clock = 0;

beforeEach(() => {
  mock.restoreAll();
  locks = new Locks();
  clock = NOW.getTime();
  mock.method(Date, "now", () => clock);
  browser(locks);
});

function browser(has: Locks | null): void {
  Object.defineProperty(globalThis, "navigator", { value: has ? { locks: has } : {}, configurable: true });
}

/** The wait for the other tab ends at once. */
function impatient(): void {
  const real = setTimeout;
  mock.method(globalThis, "setTimeout", (work: () => void) => real(work, 0));
}

function gate(): { open: () => void; passed: Promise<void> } {
  let open = () => undefined as void;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open, passed };
}

/** A pass whose answer comes when `answered` lets it. */
function slowPass(lan: Phone, ward: Ward, turn: string, answered: Promise<void>, asked: () => void) {
  const ask: Ward["ask"] = async (question) => {
    const answer = await ward.ask(question);
    asked();
    await answered;
    return answer;
  };
  return synchronize({ app: "test", person: lan.person, now: () => NOW, ask, turn }).then(() => undefined);
}

for (const has of [true, false]) {
  test(`a frozen tab ${has ? "with the lock" : "where there are no locks"} is passed over after a deadline; nothing is lost or doubled`, async () => {
    if (!has) browser(null);
    const lan = await Phone.of("lan");
    await lan.save({ title: "Ao" });
    const ward = new Ward();
    ward.news = { cursor: "old", records: [wardRecord("old news")] };
    const asked = gate();
    const thawed = gate();
    const frozen = inTurn(lan.person, (turn) => slowPass(lan, ward, turn, thawed.passed, asked.open));
    const ended = assert.rejects(frozen, NotOurTurn);
    await asked.passed;
    if (!has) await assert.rejects(inTurn(lan.person, () => assert.fail("too early")), NotOurTurn);
    clock += 120_000;
    impatient();
    const fresh = new Ward();
    fresh.log.clear();
    ward.log.forEach((entry, id) => fresh.log.set(id, entry));
    fresh.news = { cursor: "new", records: [] };
    await lan.save({ title: "Hồ" });
    await inTurn(lan.person, (turn) => synchronize({ app: "test", person: lan.person, now: () => NOW, ask: fresh.ask, turn }).then(() => undefined));
    assert.deepEqual([fresh.log.size, (await lan.unsent()).length], [2, 0]);
    thawed.open();
    await ended;
    assert.equal(await store.fact("cursor"), "new", "what the frozen tab heard is not written over it");
    assert.deepEqual((await lan.views()).map((one) => one.data["title"]).sort(), ["Ao", "Hồ"]);
    assert.equal(locks.stolen, has ? 1 : 0);
  });
}

test("a tab that works is waited for, however long it takes", async () => {
  const lan = await Phone.of("lan");
  const begun = gate();
  const done = gate();
  const first = inTurn(lan.person, async (token) => {
    begun.open();
    for (let i = 0; i < 20; i++) {
      await store.setFacts({ turn: { token, at: clock } });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await done.passed;
  });
  await begun.passed;
  impatient();
  const second = inTurn(lan.person, () => Promise.resolve());
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  done.open();
  await Promise.all([first, second]);
  assert.equal(locks.stolen, 0);
});

test("a tab that died with the token in its hand holds up nobody who has the lock", async () => {
  const lan = await Phone.of("lan");
  await store.setFacts({ turn: { token: "of a dead tab", at: clock } });
  let ran = false;
  await inTurn(lan.person, () => Promise.resolve(void (ran = true)));
  assert.deepEqual([ran, await store.fact("turn")], [true, null]);
});

test("a token from a clock that was wrong holds up nobody", async () => {
  browser(null);
  const lan = await Phone.of("lan");
  await store.setFacts({ turn: { token: "x", at: clock + 86_400_000 } });
  let ran = false;
  await inTurn(lan.person, () => Promise.resolve(void (ran = true)));
  assert.equal(ran, true);
});

test("a pass that fails gives its turn back", async () => {
  const lan = await Phone.of("lan");
  await assert.rejects(inTurn(lan.person, () => Promise.reject(new Error("any"))), /any/);
  assert.equal(await store.fact("turn"), null);
});

test("who leaves while waiting for another tab leaves at once", async () => {
  const lan = await Phone.of("lan");
  const begun = gate();
  const done = gate();
  const first = inTurn(lan.person, () => {
    begun.open();
    return done.passed;
  });
  await begun.passed;
  const second = assert.rejects(inTurn(lan.person, () => assert.fail("not its turn")), NotOurTurn);
  await new Promise((resolve) => setImmediate(resolve));
  stopTalking();
  await second;
  done.open();
  await first;
});
