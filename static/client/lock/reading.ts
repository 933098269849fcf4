/**
 * The key under which the ward's copies lie. It is wrapped twice: by the data key, which her code opens, and by a half
 * that the ward gives and that is forgotten here after some days without contact. Then the phone is dark for reading;
 * recording and sending go on, and the next contact brings the half again. See docs/decisions/0022.
 */

import { type Facts, factIn, putFacts, use, write } from "../store/database";
import { forgetCopies } from "../store/remote";
import { Failed } from "../sync/protocol";
import { talk } from "../sync/talk";
import { type Box, disclose, enclose, holdRead, isOpen } from "./vault";

/** The read key in its two wraps. `own`: the half is this phone's, from before the first contact. */
export interface Reading {
  box: Box;
  own: boolean;
}

/** The half as it lies here, closed up under the data key; good from one moment to another (milliseconds). */
export interface Half {
  box: Box;
  from: number;
  until: number;
}

interface Given {
  half: string;
  hours: number;
}

export type Ask = (question: { device: string; person: string }) => Promise<Given>;

const HOUR = 3_600_000;
/** Until the ward has said for how long. */
const HOURS = 72;
const AES = "AES-GCM";
const USES: KeyUsage[] = ["encrypt", "decrypt"];
const ask: Ask = (question) => talk<Given>("/api/v1/reading", question);

/** A read key for a phone that has not met the ward under its lock yet: with a half of its own, that goes as any other. */
export async function ownReading(now: number): Promise<{ facts: Pick<Facts, "reading" | "half">; key: CryptoKey }> {
  const half = hex(crypto.getRandomValues(new Uint8Array(32)));
  const fresh = await crypto.subtle.generateKey({ name: AES, length: 256 }, true, USES);
  const facts = { reading: await wrapped(fresh, half, true), half: await kept(half, now, HOURS) };
  return { facts, key: await unwrapped(facts.reading, half, false) };
}

/** The read key of the person whose data key is held; null when the half is gone, which it is from its last moment on. */
export async function readingKey(now: number): Promise<CryptoKey | null> {
  const { reading, half } = await lies();
  if (!half || !reading) return null;
  if (!isGood(half, now)) {
    await write(["facts"], (tx) => putFacts(tx, { half: null }));
    return null;
  }
  return unwrapped(reading, await disclose<string>("data", half.box, "half"), false);
}

/** A clock that was put back before the half came gains nothing. */
const isGood = ({ from, until }: Half, now: number): boolean => now > from - HOUR && now < until;

/**
 * Ask the ward for the half when this one is an hour old, or gone. True when the phone was dark and now reads, so that
 * there is something to fetch. Throws what talking throws.
 */
export async function renew(person: string, now: number, asked: Ask = ask): Promise<boolean> {
  const { reading, half, device, lock } = await lies();
  if (!lock || (half && isOpen() && !reading?.own && now - half.from < HOUR && now >= half.from)) return false;
  const given = await asked({ device: device ?? "", person }).catch((error: unknown) => {
    // A ward of before knows of no halves: then the phone's own one is good for as long again.
    if (error instanceof Failed && error.status === 404) return null;
    throw error;
  });
  if (!given) {
    if (half && isOpen()) await write(["facts"], (tx) => putFacts(tx, { half: { ...half, from: now, until: now + HOURS * HOUR } }), person);
    return false;
  }
  const wasOpen = isOpen();
  const next = await underHalf(reading, half, given.half);
  const facts = { reading: next.reading, half: await kept(given.half, now, given.hours) };
  await write(["facts", "records"], async (tx) => {
    if (next.isNew) await forgetCopies(tx);
    if (await factIn(tx, "lock")) await putFacts(tx, facts);
  }, person);
  holdRead(next.key);
  return !wasOpen || next.isNew;
}

/** The read key under the ward's half: the one that is here, if it can be opened, or another. */
async function underHalf(reading: Reading | null, half: Half | null, given: string) {
  const under = async (key: CryptoKey, isNew: boolean) => {
    const made = await wrapped(key, given, false);
    return { reading: made, key: await unwrapped(made, given, false), isNew };
  };
  if (reading?.own && half) return under(await unwrapped(reading, await disclose<string>("data", half.box, "half"), true), false);
  const known = reading && !reading.own ? await unwrapped(reading, given, false).catch(() => null) : null;
  if (known) return { reading: reading!, key: known, isNew: false };
  return under(await crypto.subtle.generateKey({ name: AES, length: 256 }, true, USES), true);
}

async function lies() {
  const [reading, half, device, lock] = await use((db) => {
    const facts = db.transaction("facts").store;
    return Promise.all((["reading", "half", "device", "lock"] as const).map((name) => facts.get(name)));
  });
  return { reading: (reading ?? null) as Reading | null, half: (half ?? null) as Half | null, device: device as string | undefined, lock };
}

async function kept(half: string, now: number, hours: number): Promise<Half> {
  return { box: await enclose("data", half, "half"), from: now, until: now + hours * HOUR };
}

async function wrapped(key: CryptoKey, half: string, own: boolean): Promise<Reading> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const inner = await crypto.subtle.wrapKey("raw", key, await halfKey(half), { name: AES, iv });
  return { box: await enclose("data", [hex(iv), hex(new Uint8Array(inner))], "reading"), own };
}

async function unwrapped({ box }: Reading, half: string, extractable: boolean): Promise<CryptoKey> {
  const [iv, inner] = await disclose<[string, string]>("data", box, "reading");
  return crypto.subtle.unwrapKey("raw", bytes(inner), await halfKey(half), { name: AES, iv: bytes(iv) }, AES, extractable, USES);
}

const halfKey = (half: string) => crypto.subtle.importKey("raw", bytes(half), AES, false, ["wrapKey", "unwrapKey"]);
const hex = (from: Uint8Array) => [...from].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const bytes = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
