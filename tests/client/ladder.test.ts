/** Every released version of the local databases opens in today's app with all its bytes; whatever fails leaves them as they were. */

import "fake-indexeddb/auto";

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { Connection, Newer, type Step, watch } from "../../static/client/store/connection";
import * as store from "../../static/client/store/database";
import * as drafts from "../../static/client/store/drafts";
import { type DraftRow, draftOf } from "../../static/client/store/kept";
import { PERSON, PHONE, type PersonSchema } from "../../static/client/store/ladder";
import { waiting } from "../../static/client/store/outbox";
import { takePlace } from "../../static/client/store/place";
import { views } from "../../static/client/store/records";
import { currentPerson, peopleHere, rescue } from "../../static/client/store/rescue";
import { asked, fixture, lay, picture, rows, shape } from "./laid";
import { Phone, Ward, opens } from "./phone";

const LAN = "a0000000-0000-4000-8000-000000000007";
const NOW = new Date("2026-06-03T03:00:00Z");
let made = 0;
const still = { ...watch };

afterEach(async () => {
  await store.choose(null);
  Object.assign(watch, still);
});

/** Lan's database as a version left it, under a name of its own. */
async function asOf(version: number): Promise<string> {
  const person = `${LAN}-${++made}`;
  await lay(store.personName(person), fixture(`person-${version}`));
  return person;
}

test("the phone's small database of version 1 opens with who uses it", async () => {
  await lay(store.PHONE_NAME, fixture("phone-1"));
  assert.equal(PHONE.length, 1);
  assert.equal((await store.people())[0]!.name, "Nguyễn Thị Lan");
  assert.equal(await store.phoneFact("current"), LAN);
  assert.equal(await currentPerson(), LAN);
});

for (let version = 1; version <= PERSON.length; version++) {
  test(`version ${version} opens in today's app with every byte, and works`, async () => {
    const before = fixture(`person-${version}`);
    const person = await asOf(version);
    await store.choose(person);
    await takePlace(person, NOW);
    await store.choose(null);
    const after = await picture(store.personName(person));
    assert.equal(after.version, PERSON.length);
    for (const name of ["outbox", "sent", "drafts", "records", "photos"]) assert.deepEqual(rows(after, name), rows(before, name));
    const facts = new Map(after.stores["facts"]!.rows as [string, unknown][]);
    for (const [name, value] of before.stores["facts"]!.rows) assert.deepEqual(facts.get(String(name)), value);
    await store.choose(person);
    assert.deepEqual((await views(person)).map((one) => one.data["name"] ?? one.kind), ["Ao đình làng Phúc Lợi", "child_visit", "Nguyễn Văn Đức"]);
    const lan = new Phone(person);
    await lan.save({ name: "Hố ga mất nắp" });
    assert.deepEqual((await waiting()).map(({ seq }) => seq), [2, 3, 4, 5]);
    const ward = new Ward();
    ward.news = { epoch: "e0000000-0000-4000-8000-000000000001" };
    await lan.sync(ward, NOW);
    assert.equal((await waiting()).length, 0);
  });

  test(`the steps up to version ${version} make what was released`, async () => {
    const name = `steps-${version}`;
    const connection = new Connection<PersonSchema>(name, PERSON.slice(0, version));
    await connection.use(async () => undefined);
    await connection.close();
    assert.deepEqual(shape(await picture(name)), shape(fixture(`person-${version}`)));
  });
}

for (const [how, step] of [
  ["throws", () => { throw new Error("a step that fails"); }],
  ["asks for what cannot be", (db) => db.createObjectStore("outbox")],
  ["spoils half and then fails", (db, tx) => {
    db.deleteObjectStore("outbox");
    tx.objectStore("drafts").clear().catch(() => undefined);
    throw new Error("half way");
  }],
] as [string, Step<PersonSchema>][]) {
  test(`an upgrade that ${how} leaves all bytes as they were`, async () => {
    const person = await asOf(1);
    const name = store.personName(person);
    const before = await picture(name);
    const connection = new Connection<PersonSchema>(name, [PERSON[0]!, step]);
    await assert.rejects(connection.use(async () => undefined), { name: "AbortError" });
    assert.deepEqual(await picture(name), before);
    await store.choose(person);
    assert.equal((await waiting()).length, 3);
  });
}

test("a blocked upgrade says so, waits, and goes on when the other tab closes", async () => {
  const person = await asOf(1);
  const other = await asked(indexedDB.open(store.personName(person)));
  const told: boolean[] = [];
  watch.blocked = (is) => {
    told.push(is);
    // Only now does the other tab close.
    if (is) other.close();
  };
  await store.choose(person);
  assert.equal((await waiting()).length, 3);
  assert.deepEqual(told, [true, false]);
});

test("a tab that is asked to make way writes its draft first, and is told that it is old afterwards", async () => {
  const person = await asOf(PERSON.length);
  await store.choose(person);
  await takePlace(person, NOW);
  opens();
  const draft = { id: "d-9", kind: "child", record: null, values: { name: "Bé Na" }, base: {}, section: 0, savedAt: "x" };
  watch.handOver = () => drafts.put(draft);
  const newer = await asked(indexedDB.open(store.personName(person), 99));
  assert.deepEqual(await draftOf((await asked(newer.transaction("drafts").objectStore("drafts").get("d-9"))) as DraftRow), draft);
  await assert.rejects(drafts.put(draft), Newer);
  newer.close();
});

test("nobody deletes the database while somebody uses it", async () => {
  const person = await asOf(PERSON.length);
  await store.choose(person);
  assert.equal((await waiting()).length, 3);
  const request = indexedDB.deleteDatabase(store.personName(person));
  await new Promise((resolve) => (request.onblocked = resolve));
  assert.equal((await waiting()).length, 3);
});

test("an older app says that the database is newer, and everything unsent can still be exported", async () => {
  const person = `${LAN}-newer`;
  const newer = { ...fixture("person-2"), version: 99 };
  newer.stores["never_seen_before"] = { keyPath: null, indexes: {}, rows: [["a", { sealed: true }]] };
  await lay(store.personName(person), newer);
  await store.choose(person);
  await assert.rejects(waiting(), Newer);
  const file = await rescue(person, "test");
  assert.deepEqual(file.changes.map(({ body }) => (JSON.parse(body) as { seq: number }).seq), [2, 3, 4]);
  assert.deepEqual([file.format, file.person, file.device, file.drafts?.length], ["to-am-unsent/1", person, "d0000000-0000-4000-8000-000000000007", 1]);
  const after = await picture(store.personName(person));
  assert.deepEqual([after.version, shape(after)], [99, shape(newer)]);
  for (const name of Object.keys(newer.stores)) assert.deepEqual(rows(after, name), rows(newer, name));
  assert.ok((await peopleHere()).includes(person));
});

test("what cannot be read is not made anew", async () => {
  await assert.rejects(rescue("nobody", "test"));
  assert.equal((await indexedDB.databases()).some(({ name }) => name === store.personName("nobody")), false);
});

test("a store that does not open stays as it is; nothing opens an empty one in its place", async () => {
  const person = await asOf(2);
  const real = indexedDB.open;
  indexedDB.open = () => {
    throw new DOMException("Internal error opening backing store", "UnknownError");
  };
  await store.choose(person);
  await assert.rejects(waiting(), { name: "UnknownError" });
  indexedDB.open = real;
  assert.equal((await waiting()).length, 3);
});
