/** Photos lie shut: her own under her code, a report's for the ward alone, and both go up while the phone is locked. */

import "fake-indexeddb/auto";

import assert from "node:assert/strict";
import { createDecipheriv, createHash } from "node:crypto";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { hold } from "../../static/client/lock/vault";
import { digest } from "../../static/client/photos/digest";
import { forOwner, seen, shutUp } from "../../static/client/photos/keys";
import { packed } from "../../static/client/photos/packet";
import { Lane } from "../../static/client/photos/lane";
import { opened, opening, shut } from "../../static/client/photos/shut";
import type { Sending, send } from "../../static/client/photos/tus";
import * as store from "../../static/client/store/database";
import { photoRows, waits } from "../../static/client/store/photos";
import { commit } from "../../static/client/store/records";
import { Offline } from "../../static/client/sync/protocol";
import type { Told } from "../../static/client/sync/shut";
import { openSeal } from "./open-seal";
import { Phone, opens } from "./phone";
import { WardKey, identity, key, told } from "./ward-key";

Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });

const NOW = new Date("2026-06-03T03:00:00Z");
const MARK = "PLANTED-JPEG ";
const file = (id: string) => MARK.repeat(12_000) + id;

/** A phone to which the ward has told that photos may be sealed. */
async function phone(what: Told | null = told({ photos: 1 })): Promise<Phone> {
  const made = await Phone.of("lan");
  await store.setFacts({ seal: what, vouches: identity.public });
  return made;
}

/** A photo of an open form, as take.ts lays it down; as the version before did, when it is `old`. */
async function takes(id: string, more: Partial<store.PhotoRow> = {}, old = false): Promise<void> {
  const [plain, small] = [new Blob([file(id)]), new Blob([`${MARK}small`])];
  const sha256 = await digest(plain);
  const { whole, thumb, inside } = old ? { whole: plain, thumb: small, inside: null } : await shutUp(plain, small, sha256);
  const row: store.PhotoRow = {
    id, record: "r1", field: "photos", draft: "r1", sha256: await digest(whole), size: whole.size, type: "image/webp", original: false,
    guarded: false, at: `2026-06-03T02:00:0${id.slice(-1)}Z`, offset: 0, kept: null, fault: null, tries: 0, next: "",
    ...(inside && { shut: await forOwner(id, inside) }), ...more,
  };
  await store.write(["photos", "files"], async (tx) => {
    await tx.objectStore("files").put({ id, whole, thumb });
    await tx.objectStore("photos").put(row);
  });
}

async function saves(...ids: string[]): Promise<void> {
  const about = (id: string) => ({ id, sha256: createHash("sha256").update(file(id)).digest("hex"), size: file(id).length, type: "image/webp", width: 4, height: 3 });
  const of = await photoRows();
  const set = Object.fromEntries(["photos", "secret"].map((name) => [name, of.filter((row) => row.field === name && ids.includes(row.id)).map(({ id }) => about(id))]));
  await commit({ id: crypto.randomUUID(), record: "r1", kind: "hazard_site", form: 2, base: 0, at: "2026-06-03T09:00:00+07:00", set }, "r1");
}

/** What the ward got of each photo. */
function ward() {
  const got: (Sending & { bytes: Buffer })[] = [];
  const sender: typeof send = async (photo, _begun, _pieces, tell) => {
    // By odd pieces, as a line that breaks makes them.
    const parts: Buffer[] = [];
    for (let at = 0; at < photo.whole.size; at += 70_001) parts.push(Buffer.from(await photo.whole.slice(at, at + 70_001).arrayBuffer()));
    got.push({ ...photo, bytes: Buffer.concat(parts) });
    await tell(photo.whole.size);
    return { offset: photo.whole.size, state: "kept" };
  };
  return { got, lane: new Lane(async () => undefined, () => undefined, sender, () => NOW) };
}

async function goes(lan: Phone): Promise<(Sending & { bytes: Buffer })[]> {
  const { got, lane } = ward();
  await lane.go(lan.person);
  lane.pause();
  return got;
}

/** What the ward finds in a shut photo: written down a second time. */
function atTheWard({ id, record, sealed, bytes }: Sending & { bytes: Buffer }, person: string): string {
  const [keyId, text] = sealed!.split(".") as [string, string];
  const said = JSON.parse(openSeal(key.secret, Buffer.from(`to-am-photo/1\n${keyId}\n${id}\n${record}`), Buffer.from(text, "base64url")).toString()) as { key: string; sha256: string; person: string };
  assert.equal(said.person, person);
  const count = Math.ceil(bytes.length / 65_552);
  const plain = Buffer.concat(Array.from({ length: count }, (_, n) => {
    const part = bytes.subarray(n * 65_552, (n + 1) * 65_552);
    const iv = Buffer.alloc(12);
    iv[7] = Number(n === count - 1);
    iv.writeUInt32BE(n, 8);
    const aes = createDecipheriv("aes-256-gcm", Buffer.from(said.key, "base64url"), iv);
    aes.setAuthTag(part.subarray(-16));
    return Buffer.concat([aes.update(part.subarray(0, -16)), aes.final()]);
  }));
  assert.equal(createHash("sha256").update(plain).digest("hex"), said.sha256);
  return plain.toString();
}

/** All that lies here of photos, as text. */
async function lies(): Promise<string> {
  const files = await store.use((db) => db.getAll("files"));
  const texts = await Promise.all(files.flatMap(({ whole, thumb }) => [whole?.text() ?? "", thumb.text()]));
  return texts.join() + JSON.stringify(await photoRows());
}

const look = async (id: string, which: "thumb" | "whole" = "whole") => (await (await seen(id, which))?.text()) ?? null;

test("any stretch of a shut file opens to what was there, and nothing opens with a bit changed", async () => {
  let seed = 7;
  const dice = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
  const secret = "A".repeat(43);
  for (const size of [1, 65_535, 65_536, 65_537, 131_072, 200_003]) {
    const plain = new Uint8Array(size).map(() => dice(256));
    const made = await shut(new Blob([plain]), secret);
    assert.equal(made.size, size + 16 * Math.ceil(size / 65_536));
    for (let i = 0; i < 12; i++) {
      const from = dice(size);
      const to = from + dice(90_000);
      assert.deepEqual(Buffer.from(await opening(made, secret).slice(from, to).arrayBuffer()), Buffer.from(plain.subarray(from, to)));
    }
    const bytes = new Uint8Array(await made.arrayBuffer());
    for (let i = 0; i < 6; i++) {
      const at = dice(bytes.length);
      bytes[at]! ^= 1 << dice(8);
      await assert.rejects(opened(new Blob([bytes]), secret, ""));
      bytes.set(new Uint8Array(await made.arrayBuffer()));
    }
    await assert.rejects(opened(made, secret, "", true), "a picture is no thumbnail");
    await assert.rejects(opened(made, `B${secret.slice(1)}`, ""));
  }
});

test("a photo of an open form is her own; nothing of it lies open, and locked nobody sees it", async () => {
  await phone();
  await takes("p1");
  assert.doesNotMatch(await lies(), /PLANTED/);
  assert.deepEqual([await look("p1"), await look("p1", "thumb")], [file("p1"), `${MARK}small`]);
  hold(null);
  assert.deepEqual([await look("p1"), await look("p1", "thumb")], [null, null]);
});

test("locked, it goes up as it lies, and the ward alone opens it; hers she still sees, a report's nobody", async () => {
  const lan = await phone();
  await takes("p1");
  await takes("p2", { field: "secret", guarded: true });
  assert.equal(await look("p2"), file("p2"), "while the report is written");
  await saves("p1", "p2");
  assert.deepEqual([await look("p1"), await look("p2"), await look("p2", "thumb")], [file("p1"), null, null]);
  assert.deepEqual((await photoRows()).map(({ shut }) => Object.keys(shut!).sort()), [["own", "sealed"], ["sealed"]]);
  hold(null);
  const got = await goes(lan);
  opens();
  assert.deepEqual(got.map((one) => [atTheWard(one, lan.person), one.sha256]), [[file("p1"), undefined], [file("p2"), undefined]]);
  assert.deepEqual([(await photoRows()).filter(waits), await look("p1"), await look("p2")], [[], file("p1"), null]);
});

test("a ward that takes none that are shut gets them opened; locked they wait, and end as they began", async () => {
  const lan = await phone(told());
  await takes("p1");
  await takes("p2", { field: "secret", guarded: true });
  await saves("p1", "p2");
  assert.doesNotMatch(await lies(), /PLANTED/);
  // Nobody but this phone could open them: the ward has no key for photos yet. So they go, as ever.
  const got = await goes(lan);
  assert.deepEqual(got.map(({ bytes, sha256, sealed }) => [createHash("sha256").update(bytes).digest("hex") === sha256, sealed]), [[true, undefined], [true, undefined]]);
  assert.deepEqual((await photoRows()).filter(waits), []);
});

test("a ward that went back to the version before: hers go opened when she is here, a shut report's waits for the next", async () => {
  const lan = await phone();
  await takes("p1");
  await takes("p2", { field: "secret", guarded: true });
  await saves("p1", "p2");
  await store.setFacts({ seal: told() });
  hold(null);
  assert.deepEqual(await goes(lan), []);
  opens();
  assert.deepEqual((await goes(lan)).map(({ id, bytes }) => [id, bytes.toString()]), [["p1", file("p1")]]);
  await store.setFacts({ seal: told({ photos: 1 }) });
  assert.deepEqual((await goes(lan)).map((one) => atTheWard(one, lan.person)), [file("p2")]);
});

test("one that began to go up opened ends so, after the ward has learned to take it shut", async () => {
  const lan = await phone(told());
  await takes("p1");
  await saves("p1");
  const broken = new Lane(async () => undefined, () => undefined, async (photo, _b, _p, tell) => {
    await tell(Math.floor(photo.whole.size / 2));
    throw new Offline("cut");
  }, () => NOW);
  await broken.go(lan.person);
  broken.pause();
  await store.setFacts({ seal: told({ photos: 1 }) });
  assert.deepEqual((await goes(lan)).map(({ bytes, sealed }) => [bytes.toString() === file("p1"), sealed]), [[true, undefined]]);
});

test("what waited before the ward told a key is sealed when it does, also while the phone is locked", async () => {
  const lan = await phone(null);
  await takes("p1", { field: "secret", guarded: true });
  await saves("p1");
  assert.equal(await look("p1"), null, "a finished report's is not looked at, whoever could open it");
  await store.setFacts({ seal: told({ photos: 1 }) });
  hold(null);
  const [got] = await goes(lan);
  opens();
  assert.equal(atTheWard(got!, lan.person), file("p1"));
  assert.deepEqual((await photoRows()).map(({ shut }) => Object.keys(shut!)), [["sealed"]]);
});

test("it does not go open because the key is not to be trusted", async () => {
  const lan = await phone(told({ photos: 1, by: new WardKey() }));
  await takes("p1");
  await saves("p1");
  assert.deepEqual(await goes(lan), []);
  await store.setFacts({ seal: told({ photos: 1 }) });
  assert.equal(atTheWard((await goes(lan))[0]!, lan.person), file("p1"));
});

test("photos of the version before are shut one by one, and none is lost", async () => {
  const lan = await phone();
  await takes("p1", {}, true);
  await takes("p2", { draft: null }, true);
  await takes("p3", { draft: null, guarded: true }, true);
  await takes("p4", { draft: null, kept: "2026-06-03T02:30:00Z", offset: file("p4").length }, true);
  await takes("p5", { draft: null, offset: 4096 }, true);
  hold(null);
  const locked = await goes(lan);
  opens();
  assert.deepEqual(locked.map(({ id, sealed }) => [id, Boolean(sealed)]), [["p2", false], ["p3", true], ["p5", false]], "all that waits goes; what she may see is not shut behind her back");
  assert.equal(atTheWard(locked[1]!, lan.person), file("p3"));
  await goes(lan);
  assert.deepEqual([await look("p1"), await look("p2"), await look("p3"), await look("p4")], [file("p1"), file("p2"), null, file("p4")]);
  assert.doesNotMatch(await lies(), /PLANTED/);
  // A restored ward is offered again what it had, as it had it.
  await store.setFacts({ epoch: "before", photoEpoch: "after" });
  assert.deepEqual((await goes(lan)).map(({ id, sealed }) => [id, Boolean(sealed)]), [["p2", false], ["p3", true], ["p4", false], ["p5", false]]);
});

test("in a file of unsent work they travel as they lie, a report's too, also out of a phone that is locked", async () => {
  const lan = await phone();
  await takes("p1");
  await takes("p2", { field: "secret", guarded: true });
  await saves("p1", "p2");
  hold(null);
  const { ids, entries, bytes, unreadable } = await packed(lan.person, new Set());
  opens();
  assert.deepEqual([ids, unreadable], [["p1", "p2"], 0]);
  for (const [i, entry] of entries.entries()) {
    const inside = gunzipSync(openSeal(key.secret, Buffer.from(`to-am-sealed/1\nk1\n${entry.head}`), Buffer.from(entry.body, "base64url")));
    const { id, record, photo } = JSON.parse(inside.toString()) as { id: string; record: string; photo: { sealed: string; size: number; sha256?: string } };
    assert.deepEqual([photo.size, photo.sha256, bytes[i]!.size], [entry.bytes, undefined, entry.bytes]);
    const got = { id, record, sealed: photo.sealed, bytes: Buffer.from(await bytes[i]!.arrayBuffer()) };
    assert.equal(atTheWard(got as never, lan.person), file(id));
  }
});

test("one of the version before that has begun to go up is not shut under way", async () => {
  const lan = await phone();
  await takes("p1", { draft: null, offset: 4096 }, true);
  assert.deepEqual((await goes(lan)).map(({ bytes, sealed }) => [bytes.toString() === file("p1"), sealed]), [[true, undefined]]);
});

test("one that is taken out of the form while it is being shut stays out", async () => {
  const lan = await phone();
  await takes("p1", {}, true);
  const real = crypto.subtle.encrypt.bind(crypto.subtle);
  crypto.subtle.encrypt = async (...given: Parameters<typeof real>) => {
    crypto.subtle.encrypt = real;
    await store.write(["photos", "files"], async (tx) => {
      await tx.objectStore("photos").delete("p1");
      await tx.objectStore("files").delete("p1");
    });
    return real(...given);
  };
  await goes(lan);
  assert.deepEqual([await photoRows(), await store.use((db) => db.count("files"))], [[], 0]);
});
