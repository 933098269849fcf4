/** A picture made ready, in a worker where the browser can draw there, else here. */

import type { Prepared, Wish } from "./prepare";
import { type Refusal, Refused } from "./redraw";
import type { Said } from "./worker";

/** The worker's file; filled in by the build. */
declare const PHOTO_WORKER: string;

/** A worker that says nothing for so long is stuck. */
const PATIENCE = 60_000;

/** Make a file ready for the ward. Throws Refused. */
export async function draw(wish: Wish): Promise<Prepared> {
  const said = typeof Worker === "undefined" || typeof OffscreenCanvas === "undefined" ? null : await inWorker(wish);
  if (said && "made" in said) return said.made;
  if (said && "refused" in said) throw new Refused(said.refused as Refusal);
  const { prepare } = await import("./prepare");
  return prepare(wish, (width, height) => Object.assign(document.createElement("canvas"), { width, height }));
}

/** One worker for one picture; null when it did not work out. */
function inWorker(wish: Wish): Promise<Said | null> {
  return new Promise<Said | null>((resolve) => {
    const worker = new Worker(PHOTO_WORKER);
    const end = (said: Said | null) => {
      clearTimeout(timer);
      worker.terminate();
      resolve(said);
    };
    const timer = setTimeout(() => end(null), PATIENCE);
    worker.onmessage = ({ data }: MessageEvent<Said>) => end(data);
    worker.onerror = () => end(null);
    worker.postMessage(wish);
  });
}
