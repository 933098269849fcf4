/** A file made ready for the ward: drawn anew (or left as it is, as evidence), hashed, described. Runs in a worker where it can. */

import { digest } from "./digest";
import type { Head } from "./file";
import { redraw } from "./redraw";

export interface Wish {
  file: Blob;
  /** The longer side in pixels. */
  side: number;
  /** Send the untouched file. */
  original: boolean;
}

export interface Prepared {
  whole: Blob;
  thumb: Blob;
  sha256: string;
  width: number;
  height: number;
  taken: Head["taken"];
  place: Head["place"];
}

/** Make a file ready. Throws Refused. */
export async function prepare({ file, side, original }: Wish, make: Parameters<typeof redraw>[2]): Promise<Prepared> {
  const drawn = await redraw(file, side, make);
  const { head, thumb } = drawn;
  const whole = original ? new Blob([file], { type: head.type }) : drawn.whole;
  const size = original ? uprightSize(head) : drawn;
  return { whole, thumb, sha256: await digest(whole), width: size.width, height: size.height, taken: head.taken, place: head.place };
}

function uprightSize({ width, height, turn }: Head): { width: number; height: number } {
  return turn >= 5 && turn <= 8 ? { width: height, height: width } : { width, height };
}
