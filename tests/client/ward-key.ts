/** The ward's keys in the phone's tests, and what it tells of them. */

import { createECDH, createPrivateKey, sign } from "node:crypto";

import type { Told } from "../../static/client/sync/shut";

/** A key of the ward's. */
export class WardKey {
  private readonly pair = createECDH("prime256v1");
  readonly point: Buffer = this.pair.generateKeys();
  readonly secret = this.pair.getPrivateKey();
  readonly public = this.point.toString("base64url");

  sign(text: string): string {
    const part = (from: number, to: number) => this.point.subarray(from, to).toString("base64url");
    const jwk = { kty: "EC", crv: "P-256", x: part(1, 33), y: part(33, 65), d: Buffer.from(this.secret.toString("hex").padStart(64, "0"), "hex").toString("base64url") };
    return sign("sha256", Buffer.from(text), { key: createPrivateKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" }).toString("base64url");
  }
}

export const identity = new WardKey();
export const key = new WardKey();

export function told(more: { key?: WardKey; id?: string; until?: string; by?: WardKey; named?: WardKey; photos?: 1 } = {}): Told {
  const list = JSON.stringify({ format: "to-am-keys/1", made: "2026-06-01", until: more.until ?? "2099-01-01", key: { id: more.id ?? "k1", public: (more.key ?? key).public }, photos: more.photos });
  return { identity: (more.named ?? more.by ?? identity).public, list, sig: (more.by ?? identity).sign(list) };
}
