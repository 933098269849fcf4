/**
 * What this phone's own authenticator makes of a salt once it has seen its owner's finger, face or screen lock (WebAuthn
 * level 3, extension "prf"). Needs no signal: nobody is to be convinced of anything, so the challenge is noise and no
 * answer is checked. Either the same 32 bytes come out as before, and they open, or they do not.
 */

/** The data key a second time, beside the one that the code opens. */
export interface Prf {
  /** Which of the phone's passkeys. */
  id: Uint8Array<ArrayBuffer>;
  salt: Uint8Array<ArrayBuffer>;
  iv: Uint8Array<ArrayBuffer>;
  key: ArrayBuffer;
}

/** This phone has no such thing, or its owner did not agree. */
export class NoPrf extends Error {}

type Results = { prf?: { enabled?: boolean; results?: { first?: BufferSource } } };
type Capable = { getClientCapabilities?: () => Promise<Record<string, boolean>>; signalUnknownCredential?: (which: object) => Promise<void> };

const AES = "AES-GCM";
const MINUTE = 60_000;
const NAME = "Tổ Ấm";
const noise = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
const capable = () => PublicKeyCredential as unknown as Capable;

/** Whether this phone looks as if it could. Only trying shows. */
export async function mayHave(): Promise<boolean> {
  if (!("PublicKeyCredential" in window) || !(await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable())) return false;
  const can = await capable().getClientCapabilities?.();
  return can?.["extension:prf"] !== false;
}

/** Wrap the data key under a new passkey of this phone, which is asked for twice. Throws NoPrf. */
export async function wrapped(data: CryptoKey): Promise<Prf> {
  const made = await navigator.credentials
    .create({
      publicKey: {
        rp: { name: NAME },
        // No name of anybody: whoever owns the phone's account may read it there.
        user: { id: noise(32), name: NAME, displayName: NAME },
        challenge: noise(32),
        pubKeyCredParams: [-7, -257].map((alg) => ({ type: "public-key" as const, alg })),
        authenticatorSelection: { authenticatorAttachment: "platform", residentKey: "required", userVerification: "required" },
        extensions: { prf: {} } as AuthenticationExtensionsClientInputs,
        timeout: MINUTE,
      },
    })
    .catch(() => null);
  if (!made) throw new NoPrf("not agreed to");
  const { rawId } = made as PublicKeyCredential;
  const [id, salt, iv] = [new Uint8Array(rawId), noise(32), noise(12)];
  try {
    if (!(results(made) as Results).prf?.enabled) throw new NoPrf("no such thing here");
    return { id, salt, iv, key: await crypto.subtle.wrapKey("raw", data, await above(id, salt), { name: AES, iv }) };
  } catch (error) {
    await forget(id);
    throw error instanceof NoPrf ? error : new NoPrf("it did not work");
  }
}

/** The data key; no script can take it out of the browser. Throws NoPrf. */
export async function opened({ id, salt, iv, key }: Prf): Promise<CryptoKey> {
  const data = await crypto.subtle.unwrapKey("raw", key, await above(id, salt), { name: AES, iv }, AES, false, ["encrypt", "decrypt"]).catch(() => null);
  if (!data) throw new NoPrf("other bytes than before");
  return data;
}

/** Tell the phone that a passkey opens nothing any more, where it listens; otherwise it lies there, good for nothing. */
export async function forget(id: Uint8Array<ArrayBuffer>): Promise<void> {
  const credentialId = btoa(String.fromCharCode(...id)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  await capable().signalUnknownCredential?.({ rpId: location.hostname, credentialId }).catch(() => undefined);
}

/** The key above the data key: RFC 5869 over what the authenticator made. */
async function above(id: Uint8Array<ArrayBuffer>, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const shown = await navigator.credentials
    .get({
      publicKey: {
        challenge: noise(32),
        allowCredentials: [{ type: "public-key", id, transports: ["internal"] }],
        userVerification: "required",
        extensions: { prf: { eval: { first: salt } } } as AuthenticationExtensionsClientInputs,
        timeout: MINUTE,
      },
    })
    .catch(() => null);
  const bytes = shown && (results(shown) as Results).prf?.results?.first;
  if (!bytes) throw new NoPrf("not agreed to");
  const whole = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new TextEncoder().encode("to-am lock prf v1") };
  return crypto.subtle.deriveKey(how, whole, { name: AES, length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

const results = (found: Credential) => (found as PublicKeyCredential).getClientExtensionResults();
