/** What a phone seals: to which key, what stays readable here, what travels, and what it refuses. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { hold } from "../../static/client/lock/vault";
import * as store from "../../static/client/store/database";
import { withOwn } from "../../static/client/store/kept";
import { commit, views } from "../../static/client/store/records";
import { stuckEntries } from "../../static/client/store/stuck";
import { knowForms } from "../../static/client/store/write-only";
import { type Give, handIn } from "../../static/client/sync/hand-in";
import { seal } from "../../static/client/sync/hpke";
import { Offline, type Question } from "../../static/client/sync/protocol";
import { sealLate } from "../../static/client/sync/sealing";
import type { Told } from "../../static/client/sync/shut";
import { unsentFile } from "../../static/client/sync/unsent-file";
import type { FormSpec } from "../../static/client/types";
import { openSeal } from "./open-seal";
import { KEY, Phone, Ward, lost } from "./phone";
import { WardKey, identity, key, told } from "./ward-key";

declare const VECTORS: string;
const NOW = new Date("2026-06-03T02:00:00Z");
const raw = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));
const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

const field = { widget: "text", label: ["", ""], owner: "phone", sensitivity: "normal" } as const;
const specs = [
  { kind: "hazard_site", form: 2, callsFirst: false, fields: { name: field } },
  { kind: "violation_report", form: 2, callsFirst: true, fields: { story: field, informant_name: { ...field, sensitivity: "informant" } } },
] as unknown as FormSpec[];

knowForms(specs);

/** A phone to which the ward has told its key. */
async function sealing(name: string, what: Told | null = told()): Promise<Phone> {
  const phone = await Phone.of(name);
  await store.setFacts({ seal: what, vouches: identity.public, kit: { kinds: specs } as never });
  return phone;
}

let made = 0;
const save = (kind: string, set: object) =>
  commit({ id: `s${++made}`, record: `q${made}`, kind, form: 2, base: 0, at: "2026-06-03T09:00:00+07:00", set }, null, specs.find((one) => one.kind === kind));

/** What the ward finds inside. */
function opened({ body, head = "", key: id = "" }: { body: string; head?: string; key?: string }, by = key): string {
  return gunzipSync(openSeal(by.secret, Buffer.from(`to-am-sealed/1\n${id}\n${head}`), Buffer.from(body, "base64url"))).toString();
}

/** A ward that opens what is sealed to its key. */
function opening(): { ward: Ward; asked: Question[] } {
  const asked: Question[] = [];
  const ward = new Ward();
  const { ask } = ward;
  (ward as { ask: Ward["ask"] }).ask = async (question) => {
    asked.push(question);
    const how = ward.answer;
    ward.answer = (answer) => answer;
    const answer = await ask({ ...question, changes: question.changes.map((one) => (one.head ? { body: opened(one) } : one)) });
    const told = question.changes.map(({ body }) => createHash("sha256").update(body).digest("hex"));
    ward.answer = how;
    return how({ ...answer, receipts: answer.receipts.map((receipt, at) => ({ ...receipt, sha256: told[at]! })) });
  };
  return { ward, asked };
}

const onDisk = async (stores: ("outbox" | "sent" | "facts")[]) => JSON.stringify(await Promise.all(stores.map((one) => store.use((db) => db.getAll(one)))));

test("RFC 9180's own vector", async () => {
  for (const vector of JSON.parse(readFileSync(`${VECTORS}/hpke.json`, "utf8"))) {
    const point = hex(vector.pkEm);
    const part = (from: number, to: number) => Buffer.from(point.subarray(from, to)).toString("base64url");
    const jwk = { kty: "EC", crv: "P-256", x: part(1, 33), y: part(33, 65) };
    const curve = { name: "ECDH", namedCurve: "P-256" };
    const privateKey = await crypto.subtle.importKey("jwk", { ...jwk, d: Buffer.from(hex(vector.skEm)).toString("base64url") }, curve, false, ["deriveBits"]);
    const publicKey = await crypto.subtle.importKey("jwk", jwk, curve, true, []);
    const fixed = { ephemeral: { privateKey, publicKey }, keyBytes: vector.keyBytes, aad: hex(vector.aad) };
    const sealed = Buffer.from(await seal(hex(vector.pkRm), hex(vector.info), hex(vector.pt), fixed));
    assert.equal(sealed.toString("hex"), vector.pkEm + vector.ct);
    const back = openSeal(Buffer.from(hex(vector.skRm)), Buffer.from(hex(vector.info)), sealed, { keyBytes: vector.keyBytes, aad: Buffer.from(hex(vector.aad)) });
    assert.equal(back.toString("hex"), vector.pt);
  }
});

test("a seal opens for its key, its head and its text, and for nothing else", async () => {
  const info = new TextEncoder().encode("to-am-sealed/1\nk1\n{}");
  const sealed = Buffer.from(await seal(new Uint8Array(key.point), info, new TextEncoder().encode("Bé bị đánh")));
  assert.equal(openSeal(key.secret, Buffer.from(info), sealed).toString(), "Bé bị đánh");
  assert.throws(() => openSeal(identity.secret, Buffer.from(info), sealed));
  assert.throws(() => openSeal(key.secret, Buffer.from("to-am-sealed/1\nk2\n{}"), sealed));
});

test("a finished hazard lies sealed, with this phone's own copy beside it under the lock", async () => {
  const phone = await sealing("lan");
  const entry = await save("hazard_site", { name: "Ao đình làng" });
  const [lies] = await phone.unsent();
  assert.deepEqual(lies, entry);
  const inside = opened({ body: lies!.sealed!.text, head: lies!.sealed!.head, key: lies!.sealed!.key });
  assert.equal((await withOwn(lies!)).body, inside);
  assert.deepEqual([lies!.body, /đình/.test(await onDisk(["outbox"]))], ["", false]);
  assert.equal(lies!.sealed!.hash, createHash("sha256").update(inside).digest("hex"));
  const { id, record, kind, seq, at, urgent } = JSON.parse(lies!.sealed!.head);
  assert.deepEqual({ id, record, kind, seq, at, urgent }, { id: lies!.id, record: lies!.record, kind: "hazard_site", seq: lies!.seq, at: lies!.at, urgent: false });
  assert.equal((await phone.views())[0]?.data["name"], "Ao đình làng");
  // Locked, or its code forgotten: nothing of it can be read, and it goes all the same.
  hold(null);
  assert.deepEqual((await phone.views()).map(({ data, unsent }) => [data, unsent]), [[{}, 1]]);
  const { ward, asked } = opening();
  await phone.sync(ward);
  hold({ data: KEY, read: KEY });
  assert.match(opened(asked[0]!.changes[0]!), /Ao đình làng/);
  assert.deepEqual([await phone.unsent(), /đình/.test(await onDisk(["outbox", "sent"]))], [[], false]);
});

test("of a finished report only its number, time and state can be read here, also after the ward has it", async () => {
  const phone = await sealing("lan");
  await save("violation_report", { story: "Bé bị nhốt ngoài sân", informant_name: "bà Tư" });
  const secret = /nhốt|bà Tư|informant/;
  assert.doesNotMatch(await onDisk(["outbox", "facts"]).then((text) => text.replace(JSON.stringify(specs), "")), secret);
  const [view] = await phone.views();
  assert.deepEqual([view?.kind, view?.data, view?.unsent], ["violation_report", {}, 1]);
  const { ward, asked } = opening();
  await phone.sync(ward);
  assert.match(opened(asked[0]!.changes[0]!), secret);
  assert.equal(JSON.parse(asked[0]!.changes[0]!.head!).urgent, true);
  assert.deepEqual(await phone.unsent(), []);
  assert.doesNotMatch(await onDisk(["sent"]), secret);
});

test("the same bytes are sent again, and only a receipt for them lets go", async () => {
  const phone = await sealing("lan");
  await save("hazard_site", { name: "Ao" });
  const { ward, asked } = opening();
  ward.answer = lost;
  await assert.rejects(phone.sync(ward), Offline);
  ward.answer = (answer) => ({ ...answer, receipts: answer.receipts.map((one) => ({ ...one, sha256: "0".repeat(64) })) });
  await phone.sync(ward);
  assert.equal((await phone.unsent()).length, 1);
  ward.answer = (answer) => answer;
  await phone.sync(ward, new Date(NOW.getTime() + 3_600_000));
  assert.deepEqual(await phone.unsent(), []);
  assert.equal(new Set(asked.flatMap(({ changes }) => changes.map(({ body }) => body))).size, 1);
});

test("what is signed is whose, on which phone, which change, and what is inside", async () => {
  const phone = await sealing("lan");
  await save("hazard_site", { name: "Ao" });
  const { ward, asked } = opening();
  await phone.sync(ward);
  const [sent] = asked[0]!.changes;
  const { public: mine } = (await store.fact("deviceKey"))!;
  const own = await crypto.subtle.importKey("raw", raw(mine), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
  const hash = createHash("sha256").update(opened(sent!)).digest("hex");
  const text = `to-am-change/2\n${phone.person}\n${await store.fact("device")}\n${JSON.parse(sent!.head!).id}\n${hash}`;
  assert.equal(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, own, raw(sent!.sig!), new TextEncoder().encode(text)), true);
  assert.equal(asked[0]!.key, mine);
});

test("a key that came after the ward had revoked the old one signs anew", async () => {
  const phone = await sealing("lan");
  await save("hazard_site", { name: "Ao" });
  const [{ sealed } = { sealed: undefined }] = await phone.unsent();
  await store.setFacts({ deviceKey: null });
  const { ward, asked } = opening();
  await phone.sync(ward);
  assert.notEqual(asked[0]!.changes[0]!.sig, sealed!.sig);
  assert.equal(asked[0]!.changes[0]!.body, sealed!.text);
});

test("a new key is used from when it is told; what was sealed before goes as it is", async () => {
  const phone = await sealing("lan");
  await save("hazard_site", { name: "Ao cũ" });
  const next = new WardKey();
  await store.setFacts({ seal: told({ key: next, id: "k2" }) });
  await save("hazard_site", { name: "Ao mới" });
  const [before, after] = await phone.unsent();
  assert.deepEqual([before!.sealed!.key, after!.sealed!.key], ["k1", "k2"]);
  assert.match(opened({ body: after!.sealed!.text, head: after!.sealed!.head, key: "k2" }, next), /Ao mới/);
});

const stranger = new WardKey();
for (const [name, bad] of Object.entries({
  "a list that its identity did not sign": { ...told(), sig: stranger.sign(told().list) },
  "a changed list": { ...told(), list: told({ key: stranger }).list },
  "another identity than that of the sign-in": told({ by: stranger, key: stranger }),
  "somebody who signs in the identity's name": told({ by: stranger, named: identity }),
  "a key that has run out": told({ until: "2020-01-01" }),
  "no list at all": { ...told(), list: "" },
}))
  test(`refused: ${name}; what is finished waits unsealed, is not sent, and its person is told`, async () => {
    const phone = await sealing("lan", bad);
    await save("hazard_site", { name: "Ao" });
    assert.deepEqual((await phone.unsent()).map(({ sealed, body }) => [sealed, /Ao/.test(body)]), [[undefined, true]]);
    let renewed = 0;
    await sealLate(phone.person, NOW, async () => renewed++);
    const { ward, asked } = opening();
    await phone.sync(ward);
    assert.deepEqual([renewed, asked.map(({ changes, unsent }) => [changes.length, unsent])], [1, [[0, 1]]]);
    assert.deepEqual((await stuckEntries()).map(({ code }) => code), ["seal_refused"]);
    const give: Give = () => assert.fail("handed in");
    assert.equal(await handIn({ app: "t", person: phone.person, now: () => NOW }, "d", give), 0);
    // The ward tells a good one again: it is sealed, and goes.
    await sealLate(phone.person, NOW, () => store.setFacts({ seal: told() }));
    await phone.sync(ward);
    assert.match(opened(asked.at(-1)!.changes[0]!), /Ao/);
    assert.deepEqual([await phone.unsent(), await stuckEntries()], [[], []]);
  });

test("a clock that is years ahead keeps nothing back once the ward has told its own", async () => {
  await sealing("lan", told({ until: "2026-09-29" }));
  const real = Date.now;
  Date.now = () => Date.UTC(2031, 0, 1);
  try {
    assert.equal((await save("hazard_site", { name: "Ao" })).sealed, undefined);
    await store.setFacts({ lag: Date.UTC(2026, 5, 3) - Date.now() });
    assert.ok((await save("hazard_site", { name: "Ao" })).sealed);
  } finally {
    Date.now = real;
  }
});

test("a ward of before there were seals gets what can be read here; a shut report waits for a newer one", async () => {
  const phone = await sealing("lan");
  await save("hazard_site", { name: "Ao" });
  await save("violation_report", { story: "Bé bị nhốt" });
  await store.setFacts({ seal: null });
  await save("hazard_site", { name: "Hồ" });
  const { ward, asked } = opening();
  await phone.sync(ward);
  assert.deepEqual(asked[0]!.changes.map(({ body, head }) => [JSON.parse(body).set.name, head]), [["Ao", undefined], ["Hồ", undefined]]);
  assert.deepEqual((await phone.unsent()).map(({ kind }) => kind), ["violation_report"]);
  await store.setFacts({ seal: told() });
  await phone.sync(ward);
  assert.match(opened(asked.at(-1)!.changes[0]!), /nhốt/);
});

test("a restored ward is offered the same seals again", async () => {
  const phone = await sealing("lan");
  await save("violation_report", { story: "Bé bị nhốt" });
  const { ward, asked } = opening();
  await phone.sync(ward);
  ward.log.clear();
  ward.news = { epoch: "restored" };
  await phone.sync(ward);
  const sent = asked.flatMap(({ changes }) => changes.map(({ body }) => body));
  assert.equal(sent.length, 2);
  assert.equal(sent[0], sent[1]);
});

test("two tabs save at once: each seals under the number that it gets", async () => {
  const phone = await sealing("lan");
  await Promise.all([1, 2, 3].map((n) => save("hazard_site", { name: `Ao ${n}` })));
  const lies = await phone.unsent();
  assert.deepEqual(lies.map(({ seq }) => seq), [1, 2, 3]);
  for (const { seq, sealed } of lies) assert.equal(JSON.parse(opened({ body: sealed!.text, head: sealed!.head, key: sealed!.key })).seq, seq);
});

test("the file of unsent work is a packet that only the ward reads, drafts and all", async () => {
  const phone = await sealing("lan");
  await save("violation_report", { story: "Bé bị nhốt" });
  await save("hazard_site", { name: "Ao đình" });
  const draft = { id: "d1", kind: "child", record: null, values: { name: "Đức" }, base: {}, section: 0, savedAt: "2026-06-03T09:00:00+07:00" };
  const file = await unsentFile(phone.person, "build", NOW, [draft]);
  assert.equal(file.format, "to-am-unsent/2");
  assert.doesNotMatch(JSON.stringify(file), /nhốt|đình|Đức/);
  assert.deepEqual(file.changes.map((one) => JSON.parse(opened(one)).kind), ["violation_report", "hazard_site"]);
  assert.equal(JSON.parse(opened(file.drafts![0] as never)).draft.name, "Đức");
  assert.equal((await views(phone.person)).length, 2);
});
