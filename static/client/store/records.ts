/** Records: what the ward sent, and what is saved here over it. */

import type { FormSpec, View } from "../types";
import { view } from "../sync/rebase";
import { mark } from "./canary";
import { bytesOf } from "../sync/shut";
import { type Facts, type OutboxEntry, type PhotoShut, chosen, readAll, use, write } from "./database";
import { opened, recordOf, withOwns } from "./kept";
import { PlaceLost, type Ready, ToSeal, enqueue, isWhole, ofRecord } from "./outbox";
import { enrol, readied } from "./photos";
import { device, takePlace } from "./place";
import { insist } from "./room";
import { bare } from "./write-only";

/** What the phone reads back is not what was written. */
export class NotSaved extends Error {}

/**
 * Save a change: outbox entry, its photos and the end of its draft in one strict transaction, then read back.
 * Only after that may anybody say "saved". Raises NotSaved when what lies on the disk is not what was written.
 */
export async function commit(change: Record<string, unknown>, draft: string | null, spec?: FormSpec): Promise<OutboxEntry> {
  const person = chosen()!;
  const seal = await sealer(person).catch(() => null);
  const whole = seal ? { ...change, salt: seal.salt } : change;
  const photos = draft ? await readied(draft, person).catch(() => undefined) : undefined;
  const lay = () => insist(() => put(whole, draft, seal && ((body) => seal.shut(body, spec)), photos));
  const entry = await lay().catch(async (error: unknown) => {
    if (!(error instanceof PlaceLost)) throw error;
    await takePlace(person, new Date());
    return lay();
  });
  const kept = await use((db) => db.get("outbox", entry.seq), person);
  if (!kept || bytesOf(kept) !== bytesOf(entry)) throw new NotSaved("the phone did not keep what was written");
  void device().then((id) => mark(person, { device: id, seq: entry.seq }));
  return entry;
}

/** Put a change in its place. Its text is known only there, so it is sealed in a second try, before anything is written. */
async function put(
  change: Record<string, unknown>,
  draft: string | null,
  seal: ((body: string) => Promise<Ready["made"]>) | null,
  photos?: Map<string, PhotoShut>,
): Promise<OutboxEntry> {
  let ready: Ready | null = seal && { of: "", made: { body: "" } };
  for (;;) {
    try {
      return await layDown(change, draft, ready, photos);
    } catch (error) {
      if (!(error instanceof ToSeal)) throw error;
      // What cannot be sealed now lies open until the next pass: nothing typed is lost for a seal's sake.
      ready = await seal!(error.body).then((made) => ({ of: error.body, made }), () => null);
    }
  }
}

function layDown(change: Record<string, unknown>, draft: string | null, ready: Ready | null, photos?: Map<string, PhotoShut>): Promise<OutboxEntry> {
  return write(["facts", "outbox", "drafts", "photos", "files"], async (tx) => {
    const made = await enqueue(tx, await enrol(tx, change, draft, photos), ready);
    if (draft) await tx.objectStore("drafts").delete(draft);
    return made;
  });
}

/** What seals a change, where the ward has told a key to be trusted. */
async function sealer(person: string) {
  const told = (await use((db) => db.get("facts", "seal"), person).catch(() => null)) as Facts["seal"] | undefined;
  if (!told) return null;
  const { salt, sealerOf } = await import("../sync/sealing");
  const shut = await sealerOf(person, told);
  return shut && { salt: salt(), shut };
}

/** Every record of this person's lists, with what waits here laid over it, newest first. */
export async function views(person: string): Promise<View[]> {
  const [rows, outbox, sent] = await Promise.all([readAll("records"), readAll("outbox", isWhole), readAll("sent", isWhole)]);
  const records = await opened(rows.values, recordOf);
  const waiting = byRecord(await withOwns(outbox.values));
  const receipted = byRecord(await withOwns(sent.values));
  const known = new Map(records.map((record) => [record.id, record]));
  const ids = new Set([...known.keys(), ...waiting.keys(), ...receipted.keys()]);
  const made = [...ids].map((id) => view(id, known.get(id) ?? null, waiting.get(id) ?? [], receipted.get(id) ?? [], person));
  return made.filter((one): one is View => one !== null).map(bare).sort(newestFirst);
}

/** One record of this person's lists; null when it is not among them. */
export async function viewOf(id: string, person: string): Promise<View | null> {
  const record = use((db) => db.get("records", id)).then((row) => row && recordOf(row)).catch(() => undefined);
  const [known, outbox, sent] = await Promise.all([record, ofRecord("outbox", id), ofRecord("sent", id)]);
  const made = view(id, known ?? null, await withOwns(outbox), await withOwns(sent), person);
  return made && bare(made);
}

export const newestFirst = (a: View, b: View) => b.changedAt.localeCompare(a.changedAt);

function byRecord<T extends { record: string }>(entries: T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const entry of entries) {
    const before = found.get(entry.record);
    if (before) before.push(entry);
    else found.set(entry.record, [entry]);
  }
  return found;
}
