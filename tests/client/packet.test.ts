/** Photos in a file of unsent work: what the ward finds behind the text, and what stays where it is. */

import assert from "node:assert/strict";
import { createECDH, createHash, createPrivateKey, sign } from "node:crypto";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { packed } from "../../static/client/photos/packet";
import { digest } from "../../static/client/photos/digest";
import * as store from "../../static/client/store/database";
import { photoRows } from "../../static/client/store/photos";
import { openSeal } from "./open-seal";
import { Phone } from "./phone";

const pair = createECDH("prime256v1");
const point = pair.generateKeys();
const jwk = (() => {
  const part = (from: number, to: number) => point.subarray(from, to).toString("base64url");
  return { kty: "EC", crv: "P-256", x: part(1, 33), y: part(33, 65), d: Buffer.from(pair.getPrivateKey("hex").padStart(64, "0"), "hex").toString("base64url") };
})();

/** The ward tells one key, which is its identity as well. */
function told(until = "2099-01-01") {
  const list = JSON.stringify({ format: "to-am-keys/1", made: "2026-06-01", until, key: { id: "k1", public: point.toString("base64url") } });
  const sig = sign("sha256", Buffer.from(list), { key: createPrivateKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" });
  return { identity: point.toString("base64url"), list, sig: sig.toString("base64url") };
}

/** Bytes of a photo that look like no other's. */
const bytes = (size: number, seed: number) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed * 7 + (i >> 8)) & 255);

/** A photo that waits for the ward. */
async function waits(id: string, size: number, more: Partial<store.PhotoRow> = {}): Promise<Uint8Array> {
  const plain = bytes(size, id.charCodeAt(1));
  const whole = new Blob([plain as Uint8Array<ArrayBuffer>]);
  const row: store.PhotoRow = {
    id, record: `r${id}`, field: "photos", draft: null, sha256: await digest(whole), size, type: "image/jpeg", original: false,
    guarded: false, at: `2026-06-03T02:00:0${id.slice(-1)}Z`, offset: 0, kept: null, fault: null, tries: 0, next: "", ...more,
  };
  await store.write(["photos", "files"], async (tx) => {
    await tx.objectStore("files").put({ id, whole, thumb: new Blob(["t"]) });
    await tx.objectStore("photos").put(row);
  });
  return plain;
}

test("sealed: what is said of it and each piece opens for the ward alone, and makes the very file", async () => {
  const phone = await Phone.of("lan");
  await store.setFacts({ seal: told() });
  const plain = await waits("p1", 2_300_000);
  const { entries, bytes: blobs, ids } = await packed(phone.person, new Set());
  const [entry, blob] = [entries[0]!, blobs[0]!];
  assert.deepEqual([ids, entry.bytes, blob.size], [["p1"], 2_300_000 + 3 * 81, 2_300_000 + 3 * 81]);
  const secret = pair.getPrivateKey();
  const said = JSON.parse(gunzipSync(openSeal(secret, Buffer.from(`to-am-sealed/1\nk1\n${entry.head}`), Buffer.from(entry.body, "base64url"))).toString());
  assert.deepEqual({ ...said, salt: "" }, {
    id: "p1", record: "rp1", kind: "photo", seq: 0, at: "2026-06-03T02:00:01Z", salt: "",
    photo: { sha256: createHash("sha256").update(plain).digest("hex"), size: plain.length, type: "image/jpeg", original: false },
  });
  assert.match(entry.sig!, /^[\w-]{86}$/);
  assert.equal(entry.head!.includes(said.photo.sha256), false, "nobody on the way can tell which picture it is");
  const raw = Buffer.from(await blob.arrayBuffer());
  const open = [0, 1, 2].map((n) => openSeal(secret, Buffer.from(`to-am-sealed-photo/1\nk1\np1\n${n}`), raw.subarray(n * (1_048_576 + 81), (n + 1) * (1_048_576 + 81))));
  assert.ok(Buffer.concat(open).equals(Buffer.from(plain)));
});

test("where the ward tells no key it goes as it is, signed", async () => {
  const phone = await Phone.of("lan");
  const plain = await waits("p1", 1_000);
  const { entries, bytes: [blob] } = await packed(phone.person, new Set());
  assert.ok(Buffer.from(await blob!.arrayBuffer()).equals(Buffer.from(plain)));
  assert.deepEqual([JSON.parse(entries[0]!.body).photo.size, entries[0]!.bytes, entries[0]!.sig?.length, "head" in entries[0]!], [1_000, 1_000, 86, false]);
});

test("where the ward tells a key that has run out, no photo leaves unsealed", async () => {
  const phone = await Phone.of("lan");
  await store.setFacts({ seal: told("2020-01-01") });
  await waits("p1", 1_000);
  assert.deepEqual(await packed(phone.person, new Set()), { entries: [], bytes: [], ids: [], left: 0, unreadable: 1 });
});

test("what does not fit into one file goes with the next; what waits is in exactly one, and stays here", async () => {
  const phone = await Phone.of("lan");
  for (const n of [1, 2, 3]) await waits(`p${n}`, 15_000_000);
  await waits("p4", 1_000, { draft: "d" });
  await waits("p5", 1_000, { kept: "2026-06-03T02:00:00Z" });
  const first = await packed(phone.person, new Set());
  const second = await packed(phone.person, new Set(first.ids));
  assert.deepEqual([first.ids, first.left, second.ids, second.left], [["p1", "p2"], 1, ["p3"], 0]);
  assert.equal((await photoRows()).length, 5);
});

test("a photo whose bytes cannot be read keeps no other back", async () => {
  const phone = await Phone.of("lan");
  await waits("p1", 1_000);
  await waits("p2", 1_000);
  await store.write(["files"], (tx) => tx.objectStore("files").delete("p1"));
  const { ids, unreadable } = await packed(phone.person, new Set());
  assert.deepEqual([ids, unreadable], [["p2"], 1]);
});
