/**
 * Sealing: what is finished lies on this phone, and travels, so that only the ward can read it. A chunk of its own,
 * fetched with the first save after the ward has told a key.
 */

import { type Facts, factIn, putFacts, use, write } from "../store/database";
import { ownCopy } from "../store/kept";
import { lying } from "../store/outbox";
import { noteAllStuck } from "../store/stuck";
import { isWriteOnly } from "../store/write-only";
import type { FormSpec, Kit } from "../types";
import { base64url, fromBase64url } from "./base64url";
import { seal } from "./hpke";
import { REFUSED, type Shut, type Told, takesPhotos } from "./shut";
import { signShut } from "./signing";

/** A key that the ward's own identity vouches for, and that has not run out. */
interface Key {
  id: string;
  public: Uint8Array<ArrayBuffer>;
}

/** What a body is laid down as: sealed, with this phone's own copy where somebody may read it here again. */
export type Made = { sealed: Shut } & Awaited<ReturnType<typeof ownCopy>>;

const VERIFYING = { name: "ECDSA", hash: "SHA-256" } as const;
const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const DAY = 86_400_000;

/** Letters that nobody can guess, so that the hash of a body, which lies open, tells nothing of it. */
export const salt = (): string => base64url(crypto.getRandomValues(new Uint8Array(12)));

/** What seals this person's changes now; null when there is no key to be trusted. */
export async function sealerOf(person: string, told: Told): Promise<((body: string, spec: FormSpec | undefined) => Promise<Made>) | null> {
  const key = await trusted(person, told);
  return key && ((body, spec) => shut(person, key, body, spec));
}

/**
 * Seal what was finished while there was no key here. What cannot be sealed although the ward asks for it waits,
 * and its person is told. `renew` fetches what the ward tells, where the known one has run out. How many wait.
 */
export async function sealLate(person: string, now: Date, renew: () => Promise<unknown>): Promise<number> {
  const open = (await lying(person)).entries.filter(({ sealed }) => !sealed);
  if (!open.length || !(await fact("seal", person))) return 0;
  let sealer = await currentSealer(person);
  if (!sealer) {
    await renew();
    sealer = await currentSealer(person);
  }
  if (!(await fact("seal", person))) return 0;
  if (!sealer) {
    await noteAllStuck(open.map((entry) => ({ entry, code: REFUSED })), now, person);
    return open.length;
  }
  const kinds = ((await fact("kit", person)) as Kit | null | undefined)?.kinds ?? [];
  for (const entry of open) {
    const made = await sealer(entry.body, kinds.find(({ kind }) => kind === entry.kind));
    await write(["outbox", "stuck"], async (tx) => {
      const here = await tx.objectStore("outbox").get(entry.seq);
      if (here?.body === entry.body && !here.sealed) await tx.objectStore("outbox").put({ ...here, ...made });
      await tx.objectStore("stuck").delete(entry.seq);
    }, person);
  }
  return 0;
}

/** The same by what the ward told last. */
export async function currentSealer(person: string) {
  const told = await fact("seal", person);
  return told ? sealerOf(person, told) : null;
}

/**
 * What seals photos that leave this phone in a file: what is said of one, and its bytes piece by piece. Null where the
 * ward does not ask for it; throws where it does and there is no key to be trusted.
 */
export async function photoSealer(person: string) {
  const told = await fact("seal", person);
  if (!told) return null;
  const key = await trusted(person, told);
  if (!key) throw new Error(REFUSED);
  const info = (id: string, n: number) => new TextEncoder().encode(`to-am-sealed-photo/1\n${key.id}\n${id}\n${n}`);
  return {
    about: async (said: string) => (await shut(person, key, said, undefined)).sealed,
    piece: (id: string, n: number, plain: Uint8Array<ArrayBuffer>) => seal(key.public, info(id, n), plain),
  };
}

/** What seals a photo's key to the ward, bound to the photo and its record; null where the ward takes none, or has no key to be trusted. */
export async function photoKeySealer(person: string) {
  const told = await fact("seal", person);
  const key = told && takesPhotos(told) ? await trusted(person, told) : null;
  const utf8 = (text: string) => new TextEncoder().encode(text);
  return key && (async (photo: string, record: string, { key: own, sha256 }: { key: string; sha256: string }) => {
    const info = utf8(`to-am-photo/1\n${key.id}\n${photo}\n${record}`);
    return `${key.id}.${base64url(await seal(key.public, info, utf8(JSON.stringify({ key: own, sha256, person }))))}`;
  });
}

/** The key to seal to: vouched for by the identity that this phone remembers from its sign-in, and not run out. */
async function trusted(person: string, told: Told): Promise<Key | null> {
  const [pinned, lag] = await Promise.all([pin(person, told), fact("lag", person)]);
  if (pinned !== told.identity || !(await isVouchedFor(told).catch(() => false))) return null;
  const { format, until, key } = JSON.parse(told.list) as { format: string; until: string; key: { id: string; public: string } };
  // By the ward's clock, as far as it is known: a wrong one here must not keep a report back.
  const runsOut = Date.parse(`${until}T00:00:00Z`) + DAY < Date.now() + (lag ?? 0);
  return format === "to-am-keys/1" && !runsOut ? { id: key.id, public: fromBase64url(key.public) } : null;
}

/** The ward's identity: as it was told with the sign-in; a phone of before there was one remembers the first. */
async function pin(person: string, told: Told): Promise<string> {
  return (await fact("vouches", person)) ?? write(["facts"], async (tx) => {
    const known = await factIn(tx, "vouches");
    if (!known) await putFacts(tx, { vouches: told.identity });
    return known ?? told.identity;
  }, person);
}

async function isVouchedFor({ identity, list, sig }: Told): Promise<boolean> {
  const key = await crypto.subtle.importKey("raw", fromBase64url(identity), CURVE, false, ["verify"]);
  return crypto.subtle.verify(VERIFYING, key, fromBase64url(sig), new TextEncoder().encode(list));
}

async function shut(person: string, key: Key, body: string, spec: FormSpec | undefined): Promise<Made> {
  const { id, record, kind, seq, at } = JSON.parse(body) as Record<string, unknown>;
  const head = JSON.stringify({ id, record, kind, seq, at, urgent: spec?.callsFirst ?? false });
  const info = new TextEncoder().encode(`to-am-sealed/1\n${key.id}\n${head}`);
  const text = base64url(await seal(key.public, info, await packed(body)));
  const sealed = await signShut({ text, key: key.id, head }, body, String(id), person);
  return { ...(isWriteOnly(String(kind)) ? { body: "" } : await ownCopy(String(id), body)), sealed };
}

/** Gzipped where the browser can. */
async function packed(text: string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof CompressionStream === "undefined") return new TextEncoder().encode(text);
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function fact<K extends keyof Facts>(name: K, person: string): Promise<Facts[K] | undefined> {
  return (await use((db) => db.get("facts", name), person)) as Facts[K] | undefined;
}

