/** What a phone does when its sign-in is gone: sign, hand in, let go by receipts alone. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as store from "../../static/client/store/database";
import { sha256 } from "../../static/client/store/outbox";
import { type Give, handIn, handInAfter } from "../../static/client/sync/hand-in";
import { Failed, Offline, type Question } from "../../static/client/sync/protocol";
import { register, signed } from "../../static/client/sync/signing";
import { Phone, Ward } from "./phone";

const around = (phone: Phone) => ({ app: "test", person: phone.person, now: () => new Date("2026-06-03T02:00:00Z") });
const ENTRY = { id: "c", body: "{}" };
const refusal = () => new Failed("sign_in_needed", 401);

/** A write-only door that keeps what it is given and answers with this outcome. */
function door(outcome: "applied" | "quarantined" = "quarantined") {
  const taken: { body: string; sig?: string }[] = [];
  const give: Give = async ({ changes }) => {
    taken.push(...changes);
    const receipts = changes.map(async ({ body }) => {
      const { id } = JSON.parse(body) as { id: string };
      const problems = outcome === "quarantined" ? [{ code: "phone_revoked" }] : [];
      return { id, outcome, version: outcome === "applied" ? 1 : 0, sha256: await sha256(body), problems };
    });
    return { receipts: await Promise.all(receipts) };
  };
  return { taken, give };
}

async function isGood(publicKey: string, { body, sig }: { body: string; sig?: string }): Promise<boolean> {
  const raw = (text: string) => Buffer.from(text, "base64url");
  const key = await crypto.subtle.importKey("raw", raw(publicKey), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, raw(sig ?? ""), new TextEncoder().encode(body));
}

/** Answer what `talk` asks, in place of the network. */
async function withServer<T>(answer: (path: string, body: unknown) => Response, work: () => Promise<T>): Promise<T> {
  const real = globalThis.fetch;
  globalThis.fetch = (async (path: string, { body }: { body: string }) => answer(path, JSON.parse(body))) as unknown as typeof fetch;
  try {
    return await work();
  } finally {
    globalThis.fetch = real;
  }
}

const problem = (status: number, code: string) =>
  new Response(JSON.stringify({ code }), { status, headers: { "Content-Type": "application/problem+json" } });

test("what is sent is signed over its exact bytes, by a key that cannot be taken out", async () => {
  const phone = await Phone.of("lan");
  await phone.save({ name: "Ao đình làng" });
  const asked: Question[] = [];
  const ward = new Ward();
  ward.before = (question) => void asked.push(question);
  await phone.sync(ward);
  const key = (await store.fact("deviceKey"))!;
  assert.equal(key.private.extractable, false);
  assert.equal(await isGood(key.public, asked[0]!.changes[0]!), true);
  assert.equal(await isGood(key.public, { ...asked[0]!.changes[0]!, body: "{}" }), false);
});

test("a browser that keeps no keys sends all the same", async () => {
  const phone = await Phone.of("lan");
  const { generateKey } = crypto.subtle;
  crypto.subtle.generateKey = (() => Promise.reject(new DOMException("no", "NotSupportedError"))) as never;
  try {
    assert.deepEqual(await signed([ENTRY], phone.person), [{ body: "{}" }]);
  } finally {
    crypto.subtle.generateKey = generateKey;
  }
});

test("two tabs at once make one key", async () => {
  const phone = await Phone.of("lan");
  const [a, b] = await Promise.all([signed([ENTRY], phone.person), signed([ENTRY], phone.person)]);
  const { public: kept } = (await store.fact("deviceKey"))!;
  assert.equal((await isGood(kept, a[0]!)) && (await isGood(kept, b[0]!)), true);
});

test("handed in: the outbox is empty, and the record says that somebody will look", async () => {
  const phone = await Phone.of("lan");
  const record = await phone.save({ name: "Ao" });
  const { taken, give } = door();
  assert.equal(await handIn(around(phone), "d", give), 1);
  assert.equal(await isGood((await store.fact("deviceKey"))!.public, taken[0]!), true);
  assert.deepEqual(await phone.unsent(), []);
  const [view] = await phone.views();
  assert.deepEqual([view?.id, view?.ward, view?.status], [record, "quarantined", "sent"]);
});

test("handed in with rights: the record is the ward's, as after any pass", async () => {
  const phone = await Phone.of("lan");
  await phone.save({ name: "Ao" });
  await handIn(around(phone), "d", door("applied").give);
  const [view] = await phone.views();
  assert.deepEqual([view?.ward, view?.version], ["received", 1]);
});

test("after handing in, the person is still asked to sign in", async () => {
  const phone = await Phone.of("lan");
  await phone.save({ name: "Ao" });
  await assert.rejects(handInAfter(refusal(), around(phone), "d", door().give), { status: 401, retryAfter: null });
  assert.deepEqual(await phone.unsent(), []);
});

test("a ward that does not know this phone takes nothing, and nothing leaves", async () => {
  const phone = await Phone.of("lan");
  await phone.save({ name: "Ao" });
  const give: Give = () => Promise.reject(new Failed("unknown_device", 401));
  await assert.rejects(handInAfter(refusal(), around(phone), "d", give), { status: 401, retryAfter: null });
  assert.equal((await phone.unsent()).length, 1);
});

test("enough for today: the rest stays and is tried again when the ward said", async () => {
  const phone = await Phone.of("lan");
  await phone.save({ name: "Ao" });
  const give: Give = () => Promise.reject(new Failed("enough_today", 429, 3600));
  await assert.rejects(handInAfter(refusal(), around(phone), "d", give), { status: 401, retryAfter: 3600 });
  assert.equal((await phone.unsent()).length, 1);
});

test("signal lost while handing in is no signal", async () => {
  const phone = await Phone.of("lan");
  await phone.save({ name: "Ao" });
  const give: Give = () => Promise.reject(new Offline("lost"));
  await assert.rejects(handInAfter(refusal(), around(phone), "d", give), Offline);
  assert.equal((await phone.unsent()).length, 1);
});

test("a receipt for other bytes, or an answer of somebody else, empties nothing", async () => {
  const phone = await Phone.of("lan");
  await phone.save({ name: "Ao" });
  const wrong: Give = async ({ changes }) => ({
    receipts: changes.map(({ body }) => ({ id: (JSON.parse(body) as { id: string }).id, outcome: "applied", version: 1, sha256: "0".repeat(64), problems: [] })),
  });
  assert.equal(await handIn(around(phone), "d", wrong), 0);
  await assert.rejects(handIn(around(phone), "d", async () => ({}) as never), Offline);
  assert.equal((await phone.unsent()).length, 1);
});

test("too much at once is halved, and what is too large alone lets the others by", async () => {
  const phone = await Phone.of("lan");
  await phone.save({ name: "Ao lớn" });
  for (let n = 0; n < 6; n++) await phone.save({ name: `Ao ${n}` });
  const { taken, give } = door();
  const narrow: Give = (handful) => {
    const tooMuch = handful.changes.length > 2 || handful.changes.some(({ body }) => body.includes("lớn"));
    return tooMuch ? Promise.reject(new Failed("too_large", 413)) : give(handful);
  };
  await assert.rejects(handIn(around(phone), "d", narrow), { status: 413 });
  assert.equal(taken.length, 6);
  assert.equal((await phone.unsent()).length, 1);
});

test("an entry over which the ward stumbles stays, and the others go by", async () => {
  const phone = await Phone.of("lan");
  for (const name of ["Ao", "Hồ", "độc", "Cống"]) await phone.save({ name });
  const { taken, give } = door();
  const stumbles: Give = (handful) => (handful.changes.some(({ body }) => body.includes("độc")) ? Promise.reject(new Failed("our_fault", 500)) : give(handful));
  await assert.rejects(handInAfter(refusal(), around(phone), "d", stumbles), { status: 401, retryAfter: 60 });
  assert.deepEqual((await phone.unsent()).map(({ body }) => body.includes("độc")), [true]);
  assert.equal(taken.length, 3);
});

test("a ward that is ill is not asked for every entry", async () => {
  const phone = await Phone.of("lan");
  for (let n = 0; n < 40; n++) await phone.save({ name: `Ao ${n}` });
  let asked = 0;
  const ill: Give = () => Promise.reject(new Failed("our_fault", 500, (asked++, null)));
  await assert.rejects(handInAfter(refusal(), around(phone), "d", ill), { status: 401, retryAfter: 60 });
  assert.equal((await phone.unsent()).length, 40);
  assert.ok(asked <= 13, `${asked} requests`);
});

test("the key is told once, again after a sign-in, and replaced when it was revoked", async () => {
  const phone = await Phone.of("lan");
  const told: string[] = [];
  const revoked = new Set<string>();
  const answer = (path: string, body: unknown) => {
    const { public_key: key, person } = body as { public_key: string; person: string };
    assert.deepEqual([path, person], ["/api/v1/device-key", phone.person]);
    told.push(key);
    return revoked.has(key) ? problem(409, "key_revoked") : new Response(null, { status: 204 });
  };
  await withServer(answer, async () => {
    await register(phone.person);
    await register(phone.person);
    assert.equal(told.length, 1);
    revoked.add(told[0]!);
    await store.setFacts({ keyKnown: false });
    await register(phone.person);
  });
  assert.equal(told[0], told[1]);
  assert.notEqual(told[2], told[0]);
  assert.equal((await store.fact("deviceKey"))!.public, told[2]);
});

test("a refused key stays untold and is tried at the next pass", async () => {
  const phone = await Phone.of("lan");
  await withServer(() => problem(401, "sign_in_needed"), () => assert.rejects(register(phone.person), { status: 401 }));
  assert.ok(!(await store.fact("keyKnown")));
});
