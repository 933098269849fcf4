/**
 * HPKE (RFC 9180), the sender's half: base mode, one message, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-GCM.
 * Our own because the phones are slow: a seal costs a third of what the library's does (docs/decisions/0023).
 * Checked against the RFC's vectors and, both ways, against the `cryptography` of the server.
 */

type Bytes = Uint8Array<ArrayBuffer>;

const utf8 = (text: string) => new TextEncoder().encode(text);
/** kem_id, kdf_id, aead_id of §7. */
const KEM = [0, 16];
const KDF = [0, 1];
const AES = { 16: 1, 32: 2 } as const;
const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;
const HASH = { name: "HMAC", hash: "SHA-256" } as const;
const NONE = new Uint8Array(0);

/** What only a test sets: the RFC's vectors have their own ephemeral key, a shorter AES key, and additional data. */
export interface Fixed {
  ephemeral?: CryptoKeyPair;
  keyBytes?: 16 | 32;
  aad?: Bytes;
}

/** enc ‖ ciphertext, for the owner of `recipient` (an uncompressed point), bound to `info`. */
export async function seal(recipient: Bytes, info: Bytes, plain: Bytes, fixed: Fixed = {}): Promise<Bytes> {
  const { keyBytes = 32, aad = NONE } = fixed;
  const own = fixed.ephemeral ?? (await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]));
  const theirs = await crypto.subtle.importKey("raw", recipient, CURVE, false, []);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256));
  const enc = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const kem = bytes(utf8("KEM"), KEM);
  const secret = await expand(kem, await extract(kem, NONE, "eae_prk", shared), "shared_secret", bytes(enc, recipient), 32);
  const { key, nonce } = await schedule(secret, info, keyBytes);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  return bytes(enc, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: aad }, aes, plain)));
}

const nobody: { 16?: Promise<Bytes>; 32?: Promise<Bytes> } = {};

/** KeySchedule of §5.1 in base mode. */
async function schedule(shared: Bytes, info: Bytes, keyBytes: 16 | 32) {
  const suite = bytes(utf8("HPKE"), KEM, KDF, [0, AES[keyBytes]]);
  // Without a pre-shared key the first is always the same.
  const psk = (nobody[keyBytes] ??= extract(suite, NONE, "psk_id_hash", NONE));
  const said = await extract(suite, NONE, "info_hash", info);
  const context = bytes([0], await psk, said);
  const secret = await extract(suite, shared, "secret", NONE);
  const [key, nonce] = await Promise.all([expand(suite, secret, "key", context, keyBytes), expand(suite, secret, "base_nonce", context, 12)]);
  return { key, nonce };
}

/** LabeledExtract of §4. */
const extract = (suite: Bytes, salt: Bytes, label: string, material: Bytes) =>
  hmac(salt, bytes(utf8("HPKE-v1"), suite, utf8(label), material));

/** LabeledExpand of §4, for at most one block of 32 bytes. */
async function expand(suite: Bytes, secret: Bytes, label: string, info: Bytes, length: number): Promise<Bytes> {
  return (await hmac(secret, bytes([0, length], utf8("HPKE-v1"), suite, utf8(label), info, [1]))).slice(0, length);
}

let zeros: Promise<CryptoKey> | undefined;

async function hmac(key: Bytes, data: Bytes): Promise<Bytes> {
  // Browsers refuse an empty key; HMAC fills it up with zeros anyway. It is needed often.
  const imported = await (key.length ? imports(key) : (zeros ??= imports(new Uint8Array(32))));
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

const imports = (key: Bytes) => crypto.subtle.importKey("raw", key, HASH, false, ["sign"]);

function bytes(...parts: (Bytes | number[])[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
