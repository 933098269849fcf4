/** Photos on the phone: beside their draft, with their record, and away only when the ward keeps them. */

import "fake-indexeddb/auto";

import assert from "node:assert/strict";
import { test } from "node:test";

import { Lane } from "../../static/client/photos/lane";
import { Pieces, type Standing, type send } from "../../static/client/photos/tus";
import * as store from "../../static/client/store/database";
import * as drafts from "../../static/client/store/drafts";
import { counted, photoRows, waits } from "../../static/client/store/photos";
import { commit } from "../../static/client/store/records";
import { knowForms } from "../../static/client/store/write-only";
import { Failed, Offline } from "../../static/client/sync/protocol";
import type { Draft, Photo } from "../../static/client/types";
import { digest } from "../../static/client/photos/digest";
import { Phone, Ward, wardRecord } from "./phone";

const NOW = new Date("2026-06-03T03:00:00Z");
const draft = (id: string): Draft => ({ id, kind: "hazard_site", record: null, values: {}, base: {}, section: 0, savedAt: id });
const about = (row: store.PhotoRow): Photo => ({
  id: row.id, sha256: row.sha256, size: row.size, type: "image/jpeg", width: 4, height: 3, taken: null, place: null, caption: "", original: false,
});

/** A photo that was taken for a form, as the version before photos were shut laid it down. */
async function taken(id: string, form: string, more: Partial<store.PhotoRow> = {}): Promise<store.PhotoRow> {
  const whole = new Blob([`bytes of ${id}`]);
  const row: store.PhotoRow = {
    id, record: form, field: "photos", draft: form, sha256: await digest(whole), size: whole.size, type: "image/jpeg", original: false,
    guarded: false, at: `2026-06-03T02:00:0${id.slice(-1)}Z`, offset: 0, kept: null, fault: null, tries: 0, next: "", ...more,
  };
  await store.write(["drafts", "photos", "files"], async (tx) => {
    await tx.objectStore("files").put({ id, whole, thumb: new Blob(["t"]) });
    await tx.objectStore("photos").put(row);
    await tx.objectStore("drafts").put(draft(form));
  });
  return row;
}

async function save(record: string, photos: store.PhotoRow[], more: Record<string, unknown> = {}): Promise<store.OutboxEntry> {
  const set = { name: "Ao", photos: photos.map(about), ...more };
  return commit({ id: crypto.randomUUID(), record, kind: "hazard_site", form: 2, base: 0, at: "2026-06-03T09:00:00+07:00", set }, record);
}

const files = () => store.use((db) => db.getAllKeys("files"));
const waiting = async () => (await photoRows()).filter(waits).map(({ id }) => id);

/** A ward at the other end of the lane: what it says of each photo, in the order in which it is asked. */
function ward(...says: (Standing | Error)[]) {
  const asked: string[] = [];
  const sender: typeof send = async (photo, begun, _, told) => {
    asked.push(`${photo.id}${begun ? " again" : ""}`);
    const said = says.length > 1 ? says.shift()! : says[0]!;
    if (said instanceof Error) throw said;
    await told(said.offset || photo.whole.size);
    return { ...said, offset: said.offset || photo.whole.size };
  };
  return { asked, lane: new Lane(async () => undefined, () => undefined, sender, () => NOW) };
}
const KEPT: Standing = { offset: 0, state: "kept" };

Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });

test("with the save of its record a photo begins to wait, in one step", async () => {
  await Phone.of("lan");
  const row = await taken("p1", "r1");
  assert.deepEqual(await waiting(), []);
  await save("r1", [row]);
  assert.deepEqual([await waiting(), (await drafts.all()).length, await files()], [["p1"], 0, ["p1"]]);
});

test("a save that fails leaves photos and draft as they were", async () => {
  await Phone.of("lan");
  const row = await taken("p1", "r1");
  await assert.rejects(save("r1", [row], { broken: Symbol("x"), at: BigInt(1) }));
  assert.deepEqual([await waiting(), (await drafts.all()).length, await files()], [[], 1, ["p1"]]);
});

test("a photo that the form does not name goes with the save; one of another form stays", async () => {
  await Phone.of("lan");
  const row = await taken("p1", "r1");
  await taken("p2", "r1");
  await taken("p3", "r2");
  await taken("p4", "another form of r1", { record: "r1" });
  await save("r1", [row]);
  assert.deepEqual([await waiting(), (await files()).sort()], [["p1"], ["p1", "p3", "p4"]]);
});

test("a record is not sent as if it had a photo whose bytes are gone", async () => {
  await Phone.of("lan");
  const rows = [await taken("p1", "r1"), await taken("p2", "r1")];
  await store.write(["files"], (tx) => tx.objectStore("files").delete("p2"));
  const entry = await save("r1", rows);
  assert.deepEqual(JSON.parse(entry.body).set.photos.map((one: Photo) => one.id), ["p1"]);
  assert.deepEqual(await waiting(), ["p1"]);
});

test("who takes an unsent photo out of the record takes it from the phone; a choice between two answers does not", async () => {
  await Phone.of("lan");
  const rows = [await taken("p1", "r1"), await taken("p2", "r1")];
  await save("r1", rows);
  await commit({ id: "choice", record: "r1", kind: "hazard_site", form: 2, base: 1, at: "", set: { photos: [] } }, null);
  assert.deepEqual(await waiting(), ["p1", "p2"]);
  await save("r1", rows.slice(0, 1));
  assert.deepEqual([await waiting(), await files()], [["p1"], ["p1"]]);
});

test("a draft that is thrown away takes its photos along, and no others", async () => {
  await Phone.of("lan");
  await save("r1", [await taken("p1", "r1")]);
  await taken("p2", "r2");
  await drafts.remove("r2");
  assert.deepEqual([await waiting(), await files()], [["p1"], ["p1"]]);
});

test("photos go in the order in which they were taken, and stay until the ward keeps them", async () => {
  const lan = await Phone.of("lan");
  await save("r1", [await taken("p2", "r1"), await taken("p1", "r1")]);
  const { lane, asked } = ward(KEPT);
  await lane.go(lan.person);
  assert.deepEqual([asked, await waiting()], [["p1", "p2"], []]);
  assert.equal((await files()).length, 2, "they can be offered again");
});

for (const [what, said] of [
  ["all bytes are there, but it is not kept", { offset: 0, state: "receiving" }],
  ["it is kept, but of another length", { offset: 3, state: "kept" }],
  ["the ward refuses it", { offset: 0, state: "refused" }],
  ["the line breaks", new Offline("no answer")],
  ["the ward is ill", new Failed("our_fault", 500)],
  ["the ward is busy", new Failed("not_ready", 503, 10)],
  ["the sign-in is gone", new Failed("sign_in_needed", 401)],
] as [string, Standing | Error][]) {
  test(`a photo stays: ${what}`, async () => {
    const lan = await Phone.of("lan");
    await save("r1", [await taken("p1", "r1")]);
    const { lane } = ward(said);
    await lane.go(lan.person);
    lane.pause();
    assert.deepEqual([await waiting(), await files()], [["p1"], ["p1"]]);
  });
}

test("a photo that spoils lets the others by, rests, and says why", async () => {
  const lan = await Phone.of("lan");
  await save("r1", [await taken("p1", "r1"), await taken("p2", "r1")]);
  const { lane, asked } = ward(new Failed("bad_upload", 422), KEPT);
  await lane.go(lan.person);
  lane.pause();
  const [bad] = await photoRows();
  assert.deepEqual([asked, await waiting(), bad!.fault, bad!.tries], [["p1", "p2"], ["p1"], "bad_upload", 1]);
  assert.ok(bad!.next > NOW.toISOString());
  await lane.go(lan.person);
  lane.pause();
  assert.deepEqual(asked, ["p1", "p2"], "it is not due yet");
});

test("a photo that was damaged on this phone is never sent as another", async () => {
  const lan = await Phone.of("lan");
  await save("r1", [await taken("p1", "r1")]);
  await store.write(["files"], (tx) => tx.objectStore("files").put({ id: "p1", whole: new Blob(["other bytes"]), thumb: new Blob() }));
  const { lane, asked } = ward(KEPT);
  await lane.go(lan.person);
  lane.pause();
  assert.deepEqual([asked, (await photoRows())[0]!.fault], [[], "damaged_here"]);
});

test("after a break it asks what is there already", async () => {
  const lan = await Phone.of("lan");
  await save("r1", [await taken("p1", "r1")]);
  const { lane, asked } = ward(new Offline("cut"), KEPT);
  await lane.go(lan.person);
  await lane.go(lan.person);
  lane.pause();
  assert.deepEqual([asked, await waiting()], [["p1", "p1 again"], []]);
});

test("the lane makes way while a photo is on its way, and no other begins", async () => {
  const lan = await Phone.of("lan");
  await save("r1", [await taken("p1", "r1"), await taken("p2", "r1")]);
  const begun: string[] = [];
  const slow: typeof send = (photo, _b, _p, _t, stop) => new Promise((_, reject) => {
    begun.push(photo.id);
    stop.addEventListener("abort", () => reject(new Offline("aborted")));
    if (begun.length === 1) setTimeout(() => lane.pause());
  });
  const lane: Lane = new Lane(async () => undefined, () => undefined, slow, () => NOW);
  await lane.go(lan.person);
  assert.deepEqual([begun, await waiting()], [["p1"], ["p1", "p2"]]);
});

test("what the ward keeps goes after 30 days, a guarded one after 2, an unsent one never", async () => {
  const lan = await Phone.of("lan");
  const long = { draft: null, kept: "2026-05-01T00:00:00Z" };
  await taken("p1", "r1", long);
  await taken("p2", "r1", { draft: null, kept: "2026-05-20T00:00:00Z" });
  await taken("p3", "r1", { draft: null, kept: "2026-05-31T00:00:00Z", guarded: true });
  await taken("p4", "r1", { draft: null, at: "2020-01-01T00:00:00Z", fault: "refused", tries: 9, next: "2030-01-01T00:00:00Z" });
  await ward(new Offline("")).lane.go(lan.person);
  assert.deepEqual((await files()).sort(), ["p1", "p2", "p3", "p4"], "nothing goes before the lane has done its work");
  const { lane } = ward(new Failed("bad_upload", 422));
  await lane.go(lan.person);
  lane.pause();
  assert.deepEqual((await files()).sort(), ["p2", "p4"]);
});

test("a restored ward is offered again what lies here", async () => {
  const lan = await Phone.of("lan");
  await lan.hear({ epoch: "before", records: [wardRecord("w")] });
  await save("r1", [await taken("p1", "r1")]);
  const { lane, asked } = ward(KEPT);
  await lane.go(lan.person);
  await lane.go(lan.person);
  const restored = new Ward();
  restored.news = { epoch: "after" };
  await lan.sync(restored);
  await lane.go(lan.person);
  lane.pause();
  assert.deepEqual(asked, ["p1", "p1 again"]);
});

test("on a full phone words displace pictures that the ward keeps, and never one that waits", async () => {
  await Phone.of("lan");
  await taken("p1", "r1", { draft: null, kept: "2026-06-01T00:00:00Z" });
  await save("r2", [await taken("p2", "r2")]);
  let fails = 1;
  const { insist } = await import("../../static/client/store/room");
  await insist(async () => {
    if (fails-- > 0) throw new DOMException("full", "QuotaExceededError");
  });
  assert.deepEqual(await files(), ["p2"]);
});

test("a piece grows on a quick line and shrinks on a slow or broken one, within bounds", () => {
  const pieces = new Pieces();
  const sizes = [[100, 2], [100, 4]].map(([ms]) => (pieces.passed(ms!), pieces.size));
  assert.deepEqual(sizes, [131_072, 262_144]);
  pieces.passed(5_000);
  assert.equal(pieces.size, 262_144);
  pieces.passed(20_000);
  pieces.broke();
  assert.equal(pieces.size, 65_536);
  for (let i = 0; i < 9; i++) pieces.broke();
  assert.equal(pieces.size, 16_384);
  for (let i = 0; i < 20; i++) pieces.passed(1);
  assert.equal(pieces.size, 1_048_576);
});

test("a line that breaks again and again, but carries something each time, is tried again soon", async () => {
  const lan = await Phone.of("lan");
  await save("r1", [await taken("p1", "r1")]);
  const waits: number[] = [];
  const real = globalThis.setTimeout;
  globalThis.setTimeout = ((_: () => void, ms: number) => (waits.push(ms), 0)) as unknown as typeof setTimeout;
  let there = 0;
  const breaking: typeof send = async (_p, _b, _s, told) => {
    await told(++there);
    throw new Offline("cut");
  };
  const lane = new Lane(async () => undefined, () => undefined, breaking, () => NOW);
  for (let i = 0; i < 6; i++) await lane.go(lan.person);
  globalThis.setTimeout = real;
  assert.equal(waits.length, 6);
  assert.ok(waits.every((ms) => ms <= 3_000), String(waits));
});

test("what waits for one person stays when somebody else takes the phone, and goes when she is back", async () => {
  const lan = await Phone.of("lan");
  await save("r1", [await taken("p1", "r1")]);
  await Phone.of("hoa");
  const { lane, asked } = ward(KEPT);
  await lane.go(lan.person);
  lane.pause();
  assert.deepEqual([asked, await files()], [[], []], "nothing of hers is seen here");
  await store.choose(lan.person);
  assert.deepEqual([await waiting(), await files()], [["p1"], ["p1"]]);
  await lane.go(lan.person);
  lane.pause();
  assert.deepEqual([asked, await waiting()], [["p1"], []]);
});

test("a report that stays shut here still tells how many of its photos have gone", async () => {
  await Phone.of("lan");
  const spec = (kind: string, sensitivity: string) => ({ kind, fields: { who: { sensitivity } } });
  knowForms([spec("violation_report", "informant"), spec("hazard_site", "normal")] as never);
  const rows = [await taken("p1", "r1", { draft: null }), await taken("p2", "r1", { draft: null, kept: "2026-06-03T03:00:00Z" }), await taken("p3", "r2", { draft: null })];
  const count = (kind: string) => counted(rows, { id: "r1", kind, data: {} });
  assert.deepEqual([count("violation_report"), count("hazard_site")], [{ here: 2, sent: 1 }, { here: 0, sent: 0 }]);
  knowForms([]);
});
