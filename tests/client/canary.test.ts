/** A database that was lost or rolled back is noticed, told in figures, and never taken for a new one. */

import "fake-indexeddb/auto";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import * as store from "../../static/client/store/database";
import { type Mark, compare, hasMarks, marks } from "../../static/client/store/canary";
import { markRead } from "../../static/client/store/missing";
import { takePlace } from "../../static/client/store/place";
import { commit } from "../../static/client/store/records";
import type { Answer } from "../../static/client/sync/protocol";
import { asked, fixture, lay, picture } from "./laid";
import { Phone, Ward, opens, wardRecord } from "./phone";

const NOW = new Date("2026-06-03T03:00:00Z");
const local = new Map<string, string>();
Object.defineProperty(globalThis, "localStorage", {
  configurable: true,
  value: new Proxy({}, {
    get: (_, name) => ({ getItem: (key: string) => local.get(key) ?? null, setItem: (key: string, value: string) => void local.set(key, value) })[name as "getItem"],
    ownKeys: () => [...local.keys()],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  }),
});

beforeEach(() => local.clear());

/** The app was closed; its database is gone, or `instead` lies in its place. */
async function lose(person: string, instead?: Parameters<typeof lay>[1]): Promise<void> {
  await store.choose(null);
  await asked(indexedDB.deleteDatabase(store.personName(person)));
  if (instead) await lay(store.personName(person), instead);
  await store.choose(person);
}

const alarms = async () => ((await store.fact("alarms")) ?? []).map(({ kind, from, to, missing, sure }) => ({ kind, from, to, missing, sure }));
const told = (missing: number[], last: number): Partial<Answer> => ({ missing, last });

for (const [what, here, known, is, from, to] of [
  ["a new phone", null, [], "new", 0, 0],
  ["nothing remembered outside", { device: "a", seq: 3 }, [], "fine", 0, 0],
  ["all the same", { device: "a", seq: 3 }, [{ device: "a", seq: 3 }], "fine", 4, 3],
  ["a mark that lags behind", { device: "a", seq: 3 }, [{ device: "a", seq: 2 }], "fine", 4, 2],
  ["an empty database", null, [{ device: "a", seq: 3 }], "lost", 1, 3],
  ["an empty database before the first number", null, [{ device: "a", seq: 0 }], "lost", 1, 0],
  ["an older database", { device: "a", seq: 1 }, [{ device: "a", seq: 3 }, { device: "a", seq: 2 }], "rolled_back", 2, 3],
  ["somebody else's database", { device: "b", seq: 9 }, [{ device: "a", seq: 3 }], "lost", 1, 3],
] as [string, Mark | null, Mark[], string, number, number][]) {
  test(`compare: ${what}`, () => assert.deepEqual(compare(here, known), { is, from, to }));
}

test("a mark lies in two places outside the database, and lags behind rather than ahead", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "a" });
  await lan.save({ title: "b" });
  const device = (await store.fact("device"))!;
  await takePlace(lan.person, NOW);
  assert.deepEqual((await marks(lan.person)).map(({ seq }) => seq), [2, 2, 2]);
  assert.equal(local.get(`mark:${lan.person}`), `2 ${device}`);
  assert.deepEqual(await store.phoneFact(`mark:${lan.person}`), { device, seq: 2 });
  assert.equal(hasMarks(), true);
  await assert.rejects(commit({ id: "c", record: Symbol("r") as unknown as string, kind: "child", at: "" }, null));
  assert.deepEqual((await marks(lan.person)).map(({ seq }) => seq), [2, 2, 2]);
});

test("a lost database is told in figures; device and numbers go on; everything is asked for again", async () => {
  const lan = await Phone.of("lan");
  for (const title of ["a", "b", "c"]) await lan.save({ title });
  const device = await store.fact("device");
  await takePlace(lan.person, NOW);
  await lose(lan.person);
  await takePlace(lan.person, NOW);
  assert.deepEqual(await alarms(), [{ kind: "lost", from: 1, to: 3, missing: [], sure: false }]);
  assert.equal(await store.fact("device"), device);
  await lan.save({ title: "d" });
  assert.deepEqual((await lan.unsent()).map(({ seq }) => seq), [4]);
  const ward = new Ward();
  const asks: unknown[] = [];
  ward.before = ({ cursor, issued, unsent }) => asks.push([cursor, issued, unsent]);
  ward.news = told([2, 3], 4);
  await lan.sync(ward);
  assert.deepEqual(asks, [[null, 4, 0]]);
  assert.deepEqual(await alarms(), [{ kind: "lost", from: 1, to: 3, missing: [2, 3], sure: true }]);
});

test("a database that is gone while the app is open is not taken for a new one", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "a" });
  await lan.save({ title: "b" });
  await lose(lan.person);
  await lan.save({ title: "c" });
  assert.deepEqual((await lan.unsent()).map(({ seq }) => seq), [3]);
  assert.deepEqual((await alarms()).map(({ kind, to }) => [kind, to]), [["lost", 2]]);
});

test("an older database goes on behind the last number that was given out, and says what is gone", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "a" });
  await takePlace(lan.person, NOW);
  await store.choose(null);
  const before = await picture(store.personName(lan.person));
  await store.choose(lan.person);
  for (const title of ["b", "c", "d"]) await lan.save({ title });
  await takePlace(lan.person, NOW);
  await lose(lan.person, before);
  await takePlace(lan.person, NOW);
  assert.deepEqual(await alarms(), [{ kind: "rolled_back", from: 2, to: 4, missing: [], sure: false }]);
  await lan.save({ title: "e" });
  assert.deepEqual((await lan.unsent()).map(({ seq }) => seq), [1, 5]);
});

test("where every memory on the phone was rolled back, the ward still knows", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "a" });
  await lan.hear({ receipts: [], ...told([], 7), cursor: "x" });
  assert.deepEqual(await alarms(), [{ kind: "rolled_back", from: 2, to: 7, missing: [], sure: false }]);
  await lan.save({ title: "b" });
  assert.deepEqual((await lan.unsent()).map(({ seq }) => seq), [1, 8]);
  assert.deepEqual((await marks(lan.person))[0]!.seq, 8);
});

test("the ward has everything: the alarm ends in good news, and never comes back", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "a" });
  await lan.sync(new Ward());
  await lose(lan.person);
  await takePlace(lan.person, NOW);
  await lan.save({ title: "b" });
  await lan.hear({ ...told([], 2) });
  assert.equal((await alarms()).length, 1);
  const ward = new Ward();
  ward.news = told([], 2);
  await lan.sync(ward);
  assert.deepEqual(await alarms(), [{ kind: "lost", from: 1, to: 1, missing: [], sure: true }]);
  await store.write(["facts"], (tx) => markRead(tx, "now"));
  await takePlace(lan.person, NOW);
  assert.deepEqual((await store.fact("alarms"))!.map(({ read }) => read), ["now"]);
});

test("a number that is neither here nor at the ward is an alarm; what waits here is none", async () => {
  const lan = await Phone.of("lan");
  for (const title of ["a", "b", "c"]) await lan.save({ title });
  await store.write(["outbox"], (tx) => tx.objectStore("outbox").delete(2));
  const ward = new Ward();
  ward.news = told([1, 2], 3);
  ward.answer = (answer) => ({ ...answer, receipts: answer.receipts.slice(1) });
  await lan.sync(ward);
  assert.deepEqual(await alarms(), [{ kind: "hole", from: 2, to: 2, missing: [2], sure: true }]);
  assert.deepEqual((await lan.unsent()).map(({ seq }) => seq), [1]);
});

test("what has its receipt but is missing at the ward is offered again, at once, and only once", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "a" });
  await lan.save({ title: "b" });
  const [first] = await lan.unsent();
  await lan.sync(new Ward());
  await lan.save({ title: "c" });
  const ward = new Ward();
  const bodies: string[][] = [];
  ward.before = ({ changes }) => bodies.push(changes.map(({ body }) => body));
  ward.news = told([1], 3);
  await lan.sync(ward);
  assert.deepEqual([bodies.length, bodies[1]], [2, [first!.body]]);
  await lan.save({ title: "d" });
  bodies.length = 0;
  await lan.sync(ward);
  assert.deepEqual([bodies.length, (await alarms()).length], [1, 0]);
});

test("a sign-in on a phone whose memory of its people is gone finds the person's part as it was", async () => {
  const person = "somebody";
  await lay(store.personName(person), fixture("person-1"));
  await store.choose(person);
  await takePlace(person, NOW, "another device");
  assert.equal(await store.fact("device"), "d0000000-0000-4000-8000-000000000007");
  assert.deepEqual(await alarms(), []);
});

test("records of the ward come back after a loss", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "a" });
  await lan.sync(new Ward());
  await lose(lan.person);
  opens();
  const asks: unknown[] = [];
  const ward = new Ward();
  ward.before = ({ cursor }) => asks.push(cursor);
  ward.news = { records: [wardRecord("r", { author: lan.person })], ...told([], 1) };
  await lan.sync(ward);
  assert.deepEqual([asks, (await lan.views()).length], [[null], 1]);
});
