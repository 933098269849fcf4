/** The worker in which pictures are drawn: the form goes on meanwhile, and its memory goes with it when it ends. */

import { type Prepared, type Wish, prepare } from "./prepare";
import { Refused } from "./redraw";

/** What the worker says: the picture, why it is none, or that it cannot draw at all. */
export type Said = { made: Prepared } | { refused: Refused["code"] } | { failed: string };

declare const self: { onmessage: ((event: MessageEvent<Wish>) => void) | null; postMessage(said: Said): void };

self.onmessage = ({ data }) => {
  prepare(data, (width, height) => new OffscreenCanvas(width, height)).then(
    (made) => self.postMessage({ made }),
    (error: unknown) => self.postMessage(error instanceof Refused ? { refused: error.code } : { failed: String(error) }),
  );
};
