/**
 * The ward cut this phone off, and has had what waited here: now it lets go of what it reads with, and says so.
 *
 * The lock goes to the ward, which cannot open it: its owner gets it back with a new sign-in on this very phone, and
 * her code opens her drafts again. Whoever else holds the phone has nothing left to try codes on.
 */

import { factIn, putFacts, use, write } from "../store/database";
import { Failed } from "../sync/protocol";
import { signed } from "../sync/signing";
import { talk } from "../sync/talk";
import { holdRead } from "./vault";
import type { Lock } from "./wrap";

export type Tell = (report: { body: string; sig?: string }) => Promise<unknown>;

const tell: Tell = (report) => talk("/api/v1/wiped", report, {}, "omit");

/** Destroy and report, once. What cannot be reported now is destroyed nevertheless, but for the lock: that waits for the next contact. */
export async function wipe(person: string, device: string, now: Date, report: Tell = tell): Promise<void> {
  const [lock, wiped] = (await use((db) => {
    const facts = db.transaction("facts").store;
    return Promise.all([facts.get("lock"), facts.get("wiped")]);
  }, person)) as [Lock | null | undefined, string | null | undefined];
  if (wiped) return;
  holdRead(null);
  await write(["facts", "records"], async (tx) => {
    await tx.objectStore("records").clear();
    await putFacts(tx, { reading: null, half: null, cursor: null, replacing: null, ...(lock && { lock: onlyByCode(lock) }) });
  }, person);
  const body = JSON.stringify({ device, person, at: now.toISOString(), ...(lock && { lock: packed(lock) }) });
  const [sealed] = await signed([{ id: device, body }], person);
  const isHeard = await report(sealed!).then(() => true, (error: unknown) => {
    // A ward of before keeps no locks.
    if (error instanceof Failed && error.status === 404) return false;
    throw error;
  });
  if (!isHeard) return;
  await write(["facts"], async (tx) => {
    if (await factIn(tx, "ended")) await putFacts(tx, { lock: null, wiped: now.toISOString() });
  }, person);
}

/** Whoever holds the phone may have a finger that it knows. */
const onlyByCode = ({ prf: _, ...rest }: Lock): Lock => rest;

/** A lock as text, as far as a code opens it. */
export function packed({ salt, iv, key, prf: _, ...rest }: Lock): string {
  return JSON.stringify({ ...rest, salt: text(salt), iv: text(iv), key: text(new Uint8Array(key)) });
}

/** The lock that the ward kept. Throws when it is none. */
export function unpacked(kept: string): Lock {
  const { salt, iv, key, ...rest } = JSON.parse(kept) as Omit<Lock, "salt" | "iv" | "key"> & Record<"salt" | "iv" | "key", string>;
  return { ...rest, salt: bytes(salt), iv: bytes(iv), key: bytes(key).buffer };
}

const text = (from: Uint8Array) => btoa(String.fromCharCode(...from));
const bytes = (from: string) => Uint8Array.from(atob(from), (letter) => letter.charCodeAt(0));
