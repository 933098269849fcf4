/** The receiver's half of HPKE (RFC 9180, base mode), in other words than the phone's: Node's own cryptography, nothing shared. */

import { createDecipheriv, createECDH, createHmac } from "node:crypto";

const hmac = (key: Buffer, ...parts: Buffer[]) => createHmac("sha256", key).update(Buffer.concat(parts)).digest();
const hex = (text: string) => Buffer.from(text, "hex");

/** The plain text; throws when anything is not as it was sealed. */
export function openSeal(secret: Buffer, info: Buffer, sealed: Buffer, { keyBytes = 32, aad = Buffer.alloc(0) } = {}): Buffer {
  const version = Buffer.from("HPKE-v1");
  const extract = (suite: Buffer, salt: Buffer, label: string, ikm: Buffer) => hmac(salt, version, suite, Buffer.from(label), ikm);
  const expand = (suite: Buffer, prk: Buffer, label: string, about: Buffer, length: number) =>
    hmac(prk, Buffer.from([length >> 8, length & 255]), version, suite, Buffer.from(label), about, hex("01")).subarray(0, length);
  const [enc, rest] = [sealed.subarray(0, 65), sealed.subarray(65)];
  const own = createECDH("prime256v1");
  own.setPrivateKey(secret);
  const kem = Buffer.concat([Buffer.from("KEM"), hex("0010")]);
  const prk = extract(kem, Buffer.alloc(0), "eae_prk", own.computeSecret(enc));
  const shared = expand(kem, prk, "shared_secret", Buffer.concat([enc, own.getPublicKey()]), 32);
  const suite = Buffer.concat([Buffer.from("HPKE"), hex("00100001"), hex(keyBytes === 32 ? "0002" : "0001")]);
  const none = Buffer.alloc(0);
  const context = Buffer.concat([hex("00"), extract(suite, none, "psk_id_hash", none), extract(suite, none, "info_hash", info)]);
  const key = extract(suite, shared, "secret", none);
  const aes = createDecipheriv(keyBytes === 32 ? "aes-256-gcm" : "aes-128-gcm", expand(suite, key, "key", context, keyBytes), expand(suite, key, "base_nonce", context, 12));
  aes.setAAD(aad);
  aes.setAuthTag(rest.subarray(-16));
  return Buffer.concat([aes.update(rest.subarray(0, -16)), aes.final()]);
}
