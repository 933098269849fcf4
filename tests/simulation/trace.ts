/** What happened, line by line, and one hash over all of it. */

import { createHash } from "node:crypto";

/** Signatures have chance of their own (tests/simulation/subtle.ts). */
const SIGNED = /"sig":"[\w-]*",?/g;

export class Trace {
  readonly lines: string[] = [];
  private readonly hash = createHash("sha256");

  constructor(
    private readonly moment: () => number,
    private readonly bodies: boolean,
  ) {}

  say(who: string, what: string): void {
    const line = `${(this.moment() / 1000).toFixed(3).padStart(9)}  ${who.padEnd(8)} ${what}`;
    this.lines.push(line);
    this.hash.update(line);
  }

  /** Something that counts for the hash and is noise in the lines, unless bodies are wanted. */
  note(bytes: string): void {
    this.hash.update(bytes.replaceAll(SIGNED, ""));
    if (this.bodies) this.lines.push(`${" ".repeat(11)}${bytes}`);
  }

  digest(): string {
    return this.hash.digest("hex").slice(0, 16);
  }
}
