/** One entry that does not go up stops nobody else, and is never given up. */

import "fake-indexeddb/auto";

import assert from "node:assert/strict";
import { test } from "node:test";

import * as store from "../../static/client/store/database";
import { isDue, needsLook, stuckEntries } from "../../static/client/store/stuck";
import { Search, lanes } from "../../static/client/sync/lanes";
import { Failed, Offline, type Question } from "../../static/client/sync/protocol";
import { Phone, Ward } from "./phone";

const NOW = new Date("2026-06-03T02:00:00Z");
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

/** A server that fails every request that carries one of these. */
function poisoned(words: string[], code = "our_fault", status = 500): Ward {
  const ward = new Ward();
  ward.before = ({ changes }: Question) => {
    if (changes.some(({ body }) => words.some((word) => body.includes(word)))) throw new Failed(code, status);
  };
  return ward;
}

for (const [code, status] of [["our_fault", 500], ["not_json", 400], ["bad_envelope", 422], ["too_large", 413], ["any", 409], ["any", 410]] as const) {
  test(`${status} for one change among a hundred: the others go up in the same pass, it stays and is told`, async () => {
    const lan = await Phone.of("lan");
    for (let i = 1; i <= 100; i++) await lan.save({ title: i === 37 ? "độc" : `Ao ${i}` });
    const ward = poisoned(["độc"], code, status);
    await lan.sync(ward);
    assert.deepEqual((await lan.unsent()).map(({ seq }) => seq), [37]);
    assert.equal(ward.log.size, 99);
    assert.deepEqual((await stuckEntries()).map((one) => [one.seq, one.code, one.tries]), [[37, code, 1]]);
    // Thrice as many where every size that failed once is not tried again.
    assert.ok(ward.trips <= (status === 413 ? 45 : 15), `${ward.trips} trips`);
  });
}

test("later changes of the same record wait behind it, those of other records do not", async () => {
  const lan = await Phone.of("lan");
  const pond = await lan.save({ title: "độc" });
  const other = await lan.save({ title: "Hồ" });
  await lan.save({ risk: "high" }, pond, 0);
  await lan.save({ risk: "low" }, other, 0);
  const ward = poisoned(["độc"]);
  await lan.sync(ward);
  const went: number[] = [];
  ward.before = ((before) => (question: Question) => {
    before(question);
    went.push(...question.changes.map(({ body }) => (JSON.parse(body) as { seq: number }).seq));
  })(ward.before);
  await lan.save({ note: "x" }, pond, 0);
  await lan.save({ note: "y" }, other, 0);
  await lan.sync(ward, later(10));
  assert.deepEqual(went, [6], "3 and 5 wait in the lane of the pond");
  ward.before = ({ changes }) => void went.push(...changes.map(({ body }) => (JSON.parse(body) as { seq: number }).seq));
  await lan.sync(ward, later(120));
  assert.deepEqual([went, (await lan.unsent()).length, (await stuckEntries()).length], [[6, 1, 3, 5], 0, 0]);
});

test("it is tried again with the next pass, then ever more seldom, and never given up", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "độc" });
  const ward = poisoned(["độc"]);
  let tried = 0;
  ward.before = ((before) => (question: Question) => {
    tried += question.changes.length;
    before(question);
  })(ward.before);
  const at: number[] = [];
  for (let minute = 0; minute < 130; minute++) {
    const before = tried;
    await lan.sync(ward, later(minute));
    if (tried > before) at.push(minute);
  }
  assert.deepEqual(at.slice(0, 8), [0, 1, 2, 4, 8, 16, 32, 62]);
  assert.ok(at.length > 8);
  const [stuck] = await stuckEntries();
  assert.deepEqual([needsLook(stuck!), (await lan.unsent()).length], [true, 1]);
  await lan.sync(new Ward(), later(700));
  assert.deepEqual([(await lan.unsent()).length, (await stuckEntries()).length], [0, 0]);
});

test("a time to try again that a wrong clock wrote holds nothing back", () => {
  const entry = (next: Date): store.StuckEntry => ({ seq: 1, record: "r", code: "our_fault", tries: 3, since: "", next: next.toISOString() });
  assert.deepEqual([isDue(entry(later(5)), NOW), isDue(entry(later(-5)), NOW), isDue(entry(later(500_000)), NOW)], [false, true, true]);
});

test("a server that is ill blames no entry, and gets few requests", async () => {
  const lan = await Phone.of("lan");
  for (let i = 0; i < 100; i++) await lan.save({ title: `Ao ${i}` });
  const ward = new Ward();
  ward.before = () => {
    throw new Failed("our_fault", 500);
  };
  await assert.rejects(lan.sync(ward), Failed);
  assert.deepEqual([(await lan.unsent()).length, (await stuckEntries()).length], [100, 0]);
  assert.ok(ward.trips <= 14, `${ward.trips} trips`);
});

test("several of them: all others go up, whatever their order", async () => {
  const lan = await Phone.of("lan");
  for (let i = 1; i <= 60; i++) await lan.save({ title: [5, 6, 33, 60].includes(i) ? "độc" : `Ao ${i}` });
  const ward = poisoned(["độc"]);
  for (let i = 0; i < 6; i++) await lan.sync(ward, later(i)).catch(() => undefined);
  assert.deepEqual([ward.log.size, (await lan.unsent()).map(({ seq }) => seq)], [56, [5, 6, 33, 60]]);
});

test("an entry that this phone cannot read any more hides no other and stays", async () => {
  const lan = await Phone.of("lan");
  for (const title of ["a", "b", "c"]) await lan.save({ title });
  const get = IDBObjectStore.prototype.get;
  const getAll = IDBObjectStore.prototype.getAll;
  const broken = () => {
    throw new DOMException("Failed to read large IndexedDB value", "DataError");
  };
  IDBObjectStore.prototype.getAll = function (...asked) {
    return this.name === "outbox" ? broken() : getAll.apply(this, asked);
  };
  IDBObjectStore.prototype.get = function (key) {
    return this.name === "outbox" && key === 2 ? broken() : get.call(this, key);
  };
  const ward = new Ward();
  const asks: number[] = [];
  ward.before = ({ unsent }) => asks.push(unsent);
  await lan.sync(ward);
  assert.equal((await lan.views()).length, 2);
  IDBObjectStore.prototype.get = get;
  IDBObjectStore.prototype.getAll = getAll;
  assert.deepEqual([ward.log.size, (await lan.unsent()).map(({ seq }) => seq), asks], [2, [2], [1]]);
  assert.deepEqual((await stuckEntries()).map((one) => [one.seq, one.code, needsLook(one)]), [[2, "unreadable_here", true]]);
  await lan.sync(ward);
  assert.equal((await lan.unsent()).length, 0, "read again it goes up like any other");
});

test("an entry of a shape that never was hides no other either", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "a" });
  await store.write(["outbox"], (tx) => tx.objectStore("outbox").put({ seq: 7 } as never));
  await store.write(["outbox"], (tx) => tx.objectStore("outbox").put({ seq: 8, id: "x", record: "r8", kind: "child", at: "", body: "{" }));
  const ward = new Ward();
  ward.before = ({ changes }) => void changes.splice(changes.findIndex(({ body }) => body === "{"), 1);
  await lan.sync(ward);
  assert.deepEqual([ward.log.size, (await lan.views()).map(({ id }) => id).includes("r8")], [1, true]);
  assert.deepEqual((await stuckEntries()).map((one) => [one.seq, one.code]), [[7, "unreadable_here"], [8, "no_receipt"]]);
});

for (const error of [new Offline("none"), new Failed("sign_in_needed", 401), new Failed("slow_down", 429, 30), new Failed("not_ready", 503, 10), new Failed("from_elsewhere", 403)]) {
  test(`${error.constructor.name} ${error instanceof Failed ? error.status : ""} is nobody's fault: one request, nothing is set aside`, async () => {
    const lan = await Phone.of("lan");
    for (let i = 0; i < 5; i++) await lan.save({ title: `Ao ${i}` });
    const ward = new Ward();
    ward.before = () => {
      throw error;
    };
    await assert.rejects(lan.sync(ward), error);
    assert.deepEqual([ward.trips, (await stuckEntries()).length, (await lan.unsent()).length], [1, 0, 5]);
  });
}

test("lanes: a stuck first one that is not due closes its lane and no other", () => {
  const entry = (seq: number, record: string) => ({ seq, record, id: `c${seq}`, kind: "child", body: "", at: "" });
  const stuck = (seq: number, next: Date) => ({ seq, record: "", code: "our_fault", tries: 2, since: "", next: next.toISOString() });
  const waiting = [entry(1, "a"), entry(2, "b"), entry(3, "a"), entry(4, "c"), entry(5, "b"), entry(6, "d")];
  const { free, again } = lanes(waiting, [stuck(1, later(5)), stuck(2, NOW)], new Set([4]), NOW);
  assert.deepEqual([free.map(({ seq }) => seq), again.map(({ seq }) => seq)], [[6], [2]]);
});

test("the search halves what is left of a failed request", () => {
  const search = new Search(100);
  const sizes: number[] = [];
  let left = 100;
  // The eighth entry spoils whatever carries it.
  for (let at = 1; left; ) {
    const count = Math.min(search.most, left);
    sizes.push(count);
    const hit = at <= 8 && 8 < at + count;
    if (hit && count > 1) search.failed(count, false);
    else {
      if (hit) search.failed(1, false);
      else search.passed(count);
      at += count;
      left -= count;
    }
  }
  assert.deepEqual(sizes, [100, 50, 25, 12, 6, 3, 1, 1, 92]);
});
