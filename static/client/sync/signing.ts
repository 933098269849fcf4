/**
 * This phone's key. It signs what goes to the ward, so that work can still be handed in when the sign-in
 * is gone. The private half cannot be taken out of the browser. Loaded when the first pass needs it.
 */

import { type DeviceKey, type Facts, type OutboxEntry, setFacts, use, write } from "../store/database";
import { sha256 } from "../store/outbox";
import { base64url } from "./base64url";
import { Failed } from "./protocol";
import type { Shut } from "./shut";
import { talk } from "./talk";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;

/** A change as it travels; where it is sealed, with its head and the key's id beside it. */
export interface Travelling {
  body: string;
  sig?: string;
  key?: string;
  head?: string;
}

/** The entries with their signatures; without them where the browser keeps no keys: signing never stops sending. */
export async function signed(entries: Pick<OutboxEntry, "id" | "body" | "sealed">[], person: string): Promise<Travelling[]> {
  const key = await ownKey(person).catch(() => null);
  return Promise.all(entries.map(async ({ id, body, sealed }) => {
    if (!sealed) return key ? { body, sig: await sign(key, body) } : { body };
    const { text, head } = sealed;
    // Signed when it was finished. A key that came since, because the ward had revoked that one, signs anew.
    const sig = !key || sealed.by === key.public ? sealed.sig : (await signShut(sealed, null, id, person)).sig;
    return { body: text, key: sealed.key, head, ...(sig && { sig }) };
  }));
}

/** A sealed change with this phone's signature: whose, on which phone, which, and the hash of what is inside. */
export async function signShut(made: Omit<Shut, "hash"> & { hash?: string }, body: string | null, id: string, person: string): Promise<Shut> {
  const hash = body === null ? made.hash! : await sha256(body);
  const shut = { ...made, hash };
  const [key, device] = await Promise.all([ownKey(person).catch(() => null), own("device", person)]);
  return key ? { ...shut, sig: await sign(key, `to-am-change/2\n${person}\n${device}\n${id}\n${hash}`), by: key.public } : shut;
}

/** The public half of what signs here; null where the browser keeps no keys. */
export async function publicKey(person: string): Promise<string | null> {
  return (await ownKey(person).catch(() => null))?.public ?? null;
}

/** Give the ward the public half, once; another key when the ward has revoked this one. Needs a sign-in. */
export async function register(person: string): Promise<void> {
  if (await own("keyKnown", person)) return;
  try {
    await tell(person, await ownKey(person));
  } catch (error) {
    if (!(error instanceof Failed) || error.code !== "key_revoked") throw error;
    await setFacts({ deviceKey: null }, person);
    await tell(person, await ownKey(person));
  }
  await setFacts({ keyKnown: true }, person);
}

async function tell(person: string, key: DeviceKey): Promise<void> {
  await talk("/api/v1/device-key", { device: await own("device", person), person, public_key: key.public });
}

/** The key of this person on this phone, made when there is none. Of two tabs at once, the first one's is kept. */
async function ownKey(person: string): Promise<DeviceKey> {
  const known = await own("deviceKey", person);
  if (known) return known;
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const point = await crypto.subtle.exportKey("raw", pair.publicKey);
  const made: DeviceKey = { private: pair.privateKey, public: base64url(point) };
  return write(["facts"], async (tx) => {
    const facts = tx.objectStore("facts");
    const before = (await facts.get("deviceKey")) as DeviceKey | null | undefined;
    if (before) return before;
    await facts.put(made, "deviceKey");
    await facts.put(false, "keyKnown");
    return made;
  }, person);
}

/** A fact of this person and nobody else's, also when the phone changes hands meanwhile. */
async function own<K extends keyof Facts>(name: K, person: string): Promise<Facts[K] | undefined> {
  return (await use((db) => db.get("facts", name), person)) as Facts[K] | undefined;
}

async function sign(key: DeviceKey, body: string): Promise<string> {
  return base64url(await crypto.subtle.sign(SIGNING, key.private, new TextEncoder().encode(body)));
}
