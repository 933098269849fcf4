/**
 * The keys of the person whose part of this phone is open. They are in memory only, the browser gives them to no
 * script, and they go when the app locks. Without them drafts and the copies of records are noise.
 */

/** What an AES-256-GCM key made unreadable. */
export interface Box {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

/** `data` opens what was written here, `read` the ward's copies; that one may be missing although the other is there. */
export interface Keys {
  data: CryptoKey;
  read: CryptoKey | null;
}

/** The part of the phone is shut, or it is dark for reading. */
export class Shut extends Error {}

let keys: Keys | null = null;

/** From now on these open and close; null locks. */
export function hold(given: Keys | null): void {
  keys = given;
}

/** The read key came, or went, while the part is open. */
export function holdRead(read: CryptoKey | null): void {
  if (keys) keys = { ...keys, read };
}

/** Whether somebody's part is open, dark or not. */
export const isHeld = (): boolean => keys !== null;

/** Whether what the ward sends can be put away. */
export const isOpen = (): boolean => Boolean(keys?.read);

/** Close something up. A box opens only under the name that it was closed under. Throws Shut. */
export async function enclose(which: keyof Keys, value: unknown, name: string): Promise<Box> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt(how(iv, name), key(which), bytes(JSON.stringify(value))) };
}

/** Open a box. Throws Shut, or what the browser throws when this is not the key or the box was changed. */
export async function disclose<T>(which: keyof Keys, { iv, data }: Box, name: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how(iv, name), key(which), data))) as T;
}

function key(which: keyof Keys): CryptoKey {
  const found = keys?.[which];
  if (!found) throw new Shut(which);
  return found;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const how = (iv: BufferSource, name: string) => ({ name: "AES-GCM", iv, additionalData: bytes(name) });
