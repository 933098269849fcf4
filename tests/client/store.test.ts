/** The store under a browser that closes it, fails it or kills the tab. */

import "fake-indexeddb/auto";

import assert from "node:assert/strict";
import { test } from "node:test";

import * as store from "../../static/client/store/database";
import * as drafts from "../../static/client/store/drafts";
import { commit, views } from "../../static/client/store/records";
import type { Draft } from "../../static/client/types";
import { Phone } from "./phone";

const draft = (id: string): Draft => ({ id, kind: "child", record: null, values: {}, base: {}, section: 0, savedAt: id });

test("a record and the end of its draft are one step", async () => {
  const lan = await Phone.of("lan");
  await drafts.put(draft("1"));
  await drafts.put(draft("2"));
  const change = { id: "c", record: "r", kind: "child", form: 1, base: 0, at: "", set: {} };
  await commit(change, "1");
  assert.deepEqual((await drafts.all()).map(({ id }) => id), ["2"]);
  assert.equal((await views(lan.person)).length, 1);
});

test("a save that fails leaves no trace, no used number, and its draft", async () => {
  const lan = await Phone.of("lan");
  await drafts.put(draft("1"));
  const unstorable = { id: "c", record: Symbol("r") as unknown as string, kind: "child", at: "" };
  await assert.rejects(commit(unstorable, "1"));
  assert.deepEqual([(await lan.unsent()).length, (await drafts.all()).length], [0, 1]);
  await lan.save({ title: "x" });
  assert.equal((await lan.unsent())[0]!.seq, 1);
});

test("a connection that the browser closed is opened again", async () => {
  const lan = await Phone.of("lan");
  await lan.save({ title: "a" });
  await store.use(async (db) => db.close());
  await lan.save({ title: "b" });
  assert.deepEqual((await lan.unsent()).map(({ seq }) => seq), [1, 2]);
});

test("UnknownError, as iOS throws it in the background, is tried once more", async () => {
  await Phone.of("lan");
  let tries = 0;
  const result = await store.use(() => {
    if (++tries === 1) throw new DOMException("connection lost", "UnknownError");
    return Promise.resolve("there");
  });
  assert.deepEqual([result, tries], ["there", 2]);
  tries = 0;
  await assert.rejects(store.use(() => Promise.reject(new DOMException(`try ${++tries}`, "UnknownError"))));
  assert.equal(tries, 2);
});

test("a save that came through before the connection broke is not written twice", async () => {
  const lan = await Phone.of("lan");
  const change = { id: "once", record: "r", kind: "child", form: 1, base: 0, at: "", set: {} };
  await commit(change, null);
  await commit(change, null);
  assert.equal((await lan.unsent()).length, 1);
});

test("writes ask for strict durability", async () => {
  await Phone.of("lan");
  const asked: (string | undefined)[] = [];
  const real = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    if (mode === "readwrite") asked.push(options?.durability);
    return real.call(this, stores, mode, options);
  };
  await drafts.put(draft("1"));
  IDBDatabase.prototype.transaction = real;
  assert.deepEqual(asked, ["strict"]);
});
