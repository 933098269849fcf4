/** Web Locks of one browser: in turn, shared or not, given up by a page that dies, taken away by one that steals. */

import type { Loop } from "./loop";

interface Options {
  mode?: "exclusive" | "shared";
  ifAvailable?: boolean;
  steal?: boolean;
  signal?: AbortSignal;
}

interface Page {
  dead: boolean;
}

interface Claim {
  name: string;
  mode: "exclusive" | "shared";
  page: Page;
  grant: () => void;
  lose: (error: unknown) => void;
}

export type LockWork = (lock: { name: string; mode: string } | null) => unknown;

export class Locks {
  private held: Claim[] = [];
  private waiting: Claim[] = [];
  /** How often somebody stole: two passes at once are then nobody's fault. */
  stolen = 0;

  constructor(private readonly loop: Loop) {}

  /** `navigator.locks` of one page. */
  of(page: Page) {
    return {
      request: (name: string, options: Options | LockWork, work?: LockWork) =>
        typeof options === "function" ? this.request(page, name, {}, options) : this.request(page, name, options, work!),
      query: async () => ({ held: this.held.map(shown), pending: this.waiting.map(shown) }),
    };
  }

  /** The page is gone, and with it what it held or waited for. */
  leave(page: Page): void {
    this.held = this.held.filter((claim) => claim.page !== page);
    this.waiting = this.waiting.filter((claim) => claim.page !== page);
    this.loop.post(() => this.serve());
  }

  private request(page: Page, name: string, options: Options, work: LockWork): Promise<unknown> {
    const mode = options.mode ?? "exclusive";
    return new Promise((resolve, reject) => {
      if (page.dead) return;
      const claim: Claim = { name, mode, page, lose: reject, grant: () => undefined };
      claim.grant = () => void this.hold(claim, work).then(resolve, reject);
      if (options.steal) this.steal(claim);
      else if (options.ifAvailable && !this.isFree(claim)) void Promise.resolve().then(() => work(null)).then(resolve, reject);
      else this.waiting.push(claim);
      options.signal?.addEventListener("abort", () => {
        if (!this.waiting.includes(claim)) return;
        this.waiting = this.waiting.filter((one) => one !== claim);
        reject(options.signal?.reason);
      });
      this.loop.post(() => this.serve());
    });
  }

  private async hold(claim: Claim, work: LockWork): Promise<unknown> {
    try {
      return await work(shown(claim));
    } finally {
      this.held = this.held.filter((one) => one !== claim);
      this.loop.post(() => this.serve());
    }
  }

  private steal(claim: Claim): void {
    for (const loser of this.held.filter((one) => one.name === claim.name)) {
      this.stolen += 1;
      this.held = this.held.filter((one) => one !== loser);
      loser.lose(new DOMException("stolen", "AbortError"));
    }
    this.waiting.unshift(claim);
  }

  private isFree(claim: Claim): boolean {
    return this.held.every((one) => one.name !== claim.name || (one.mode === "shared" && claim.mode === "shared"));
  }

  private serve(): void {
    for (const claim of [...this.waiting]) {
      const before = this.waiting.slice(0, this.waiting.indexOf(claim));
      if (!this.isFree(claim) || before.some(({ name }) => name === claim.name)) continue;
      this.waiting = this.waiting.filter((one) => one !== claim);
      this.held.push(claim);
      claim.grant();
    }
  }
}

const shown = ({ name, mode }: Claim) => ({ name, mode });
