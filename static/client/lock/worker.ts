/** The worker in which a code becomes a key: a quarter of a second of work and more that must not hold up the screen. */

import { argon2id } from "hash-wasm";

import type { Cost } from "./cost";

export interface Wish extends Cost {
  code: string;
  salt: Uint8Array;
}

declare const self: { onmessage: ((event: MessageEvent<Wish>) => void) | null; postMessage(said: Uint8Array | null): void };

self.onmessage = ({ data: { code, salt, memory, passes } }) => {
  argon2id({ password: code, salt, memorySize: memory, iterations: passes, parallelism: 1, hashLength: 32, outputType: "binary" }).then(
    (bytes) => self.postMessage(bytes),
    () => self.postMessage(null),
  );
};
