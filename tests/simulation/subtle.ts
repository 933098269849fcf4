/**
 * The part of WebCrypto that the phone's code uses, done at once by Node's own cryptography: what works in other
 * threads comes back in an order that no seed decides. Keys come out of the world's chance. Only ECDSA has chance of
 * its own; the trace leaves signatures out.
 */

import { createCipheriv, createECDH, createHash, createHmac, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";

import { KEPT_AS_IT_IS } from "./clone.mjs";

const CURVE = "prime256v1";
type Bytes = Uint8Array | ArrayBuffer;

class Key {
  readonly extractable = false;

  constructor(
    readonly type: string,
    readonly point: Buffer,
    readonly secret: Buffer,
  ) {}
}

Object.assign(Key.prototype, { [KEPT_AS_IT_IS]: true });

const plain = (buffer: Buffer): ArrayBuffer => new Uint8Array(buffer).buffer;
const raw = (bytes: Bytes): Buffer => Buffer.from(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes);

/** The public half as Node takes it, with the private one where it is known. */
function jwk({ point, secret }: Key) {
  const part = (from: number, to: number) => point.subarray(from, to).toString("base64url");
  const open = { kty: "EC", crv: "P-256", x: part(1, 33), y: part(33, 65) };
  return secret.length ? { ...open, d: secret.toString("base64url") } : open;
}

export const subtleOf = (random: (count: number) => Uint8Array) => ({
  digest: async (_: string, data: Bytes) => plain(createHash("sha256").update(raw(data)).digest()),

  generateKey: async () => {
    const pair = createECDH(CURVE);
    const secret = Buffer.from(random(32));
    pair.setPrivateKey(secret);
    const point = pair.getPublicKey();
    return { privateKey: new Key("private", point, secret), publicKey: new Key("public", point, Buffer.alloc(0)) };
  },

  exportKey: async (_: string, key: Key) => plain(key.point),

  importKey: async (_: string, bytes: Bytes, algorithm: { name: string } | string) => {
    const isCurve = typeof algorithm !== "string" && algorithm.name.startsWith("EC");
    return isCurve ? new Key("public", raw(bytes), Buffer.alloc(0)) : new Key("secret", Buffer.alloc(0), raw(bytes));
  },

  deriveBits: async ({ public: theirs }: { public: Key }, own: Key) => {
    const pair = createECDH(CURVE);
    pair.setPrivateKey(own.secret);
    return plain(pair.computeSecret(theirs.point));
  },

  sign: async (algorithm: unknown, key: Key, data: Bytes) => {
    if (algorithm === "HMAC") return plain(createHmac("sha256", key.secret).update(raw(data)).digest());
    const made = createPrivateKey({ key: jwk(key) as never, format: "jwk" });
    return plain(sign("sha256", raw(data), { key: made, dsaEncoding: "ieee-p1363" }));
  },

  verify: async (_: unknown, key: Key, signature: Bytes, data: Bytes) => {
    const made = createPublicKey({ key: jwk(key) as never, format: "jwk" });
    return verify("sha256", raw(data), { key: made, dsaEncoding: "ieee-p1363" }, raw(signature));
  },

  encrypt: async ({ iv }: { iv: Bytes }, key: unknown, data: Bytes) => {
    // The lock's keys are none here: what is closed up can be read by the oracle.
    if (!(key instanceof Key)) return plain(raw(data));
    const cipher = createCipheriv("aes-256-gcm", key.secret, raw(iv));
    return plain(Buffer.concat([cipher.update(raw(data)), cipher.final(), cipher.getAuthTag()]));
  },

  decrypt: async (_: unknown, __: unknown, data: ArrayBuffer) => data,
});
