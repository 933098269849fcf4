/** When a pass runs: after a save, on signal, on becoming visible, by Background Sync and by a timer. */

import { SomebodyElse } from "../store/database";
import { isFull } from "../store/room";
import { Failed, NotOurTurn, Offline } from "./protocol";

const FIRST = 1_000;
const LONGEST = 300_000;
const IDLE = 240_000;
/** A server that asks for more is not believed: nobody means to silence a phone for a day. */
const LONGEST_ASKED = 3_600_000;
const OTHER_TAB = 15_000;

export type Mood = "idle" | "sending" | "offline" | "needsSignIn" | "trouble" | "full";

/**
 * Runs passes one at a time. After a failure it waits, doubling from 1 s to 300 s with jitter; any trigger of the
 * outside world tries at once, unless the server said how long to wait. A 401 waits for a new sign-in.
 */
export class Schedule {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private running: Promise<void> | null = null;
  private again = false;
  private asked = false;
  private listening = false;
  /** The server asked not to be asked before this moment. */
  private notBefore = 0;

  constructor(
    private readonly pass: () => Promise<void>,
    private readonly told: (mood: Mood) => void,
    private readonly waits: () => boolean = () => true,
    private readonly random: () => number = Math.random,
  ) {}

  /** Run a pass now, and listen to the world from the first time on. */
  start(): void {
    void this.now();
    if (this.listening) return;
    this.listening = true;
    addEventListener("online", () => void this.now());
    document.addEventListener("visibilitychange", () => void (document.visibilityState === "visible" ? this.now() : this.leave()));
    navigator.serviceWorker?.addEventListener("message", (event) => void (event.data === "sync" && this.now()));
  }

  /** Stop a pass on its way (`stop` ends its request) and resolve when nothing runs. */
  async hush(stop: () => void): Promise<void> {
    clearTimeout(this.timer);
    this.again = false;
    stop();
    await this.running;
    clearTimeout(this.timer);
  }

  /** Somebody pressed the button: a person may ask again although the server wants to be left alone. */
  pressed(): Promise<void> {
    this.notBefore = 0;
    return this.now();
  }

  /** Run a pass now, or once more after the one that runs; later when the server asked for that. */
  now(): Promise<void> {
    clearTimeout(this.timer);
    const early = this.notBefore - Date.now();
    if (early > 0 && early <= LONGEST_ASKED) {
      this.timer = setTimeout(() => void this.now(), early);
      return Promise.resolve();
    }
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.run().finally(() => {
      this.running = null;
      if (this.again) {
        this.again = false;
        void this.now();
      }
    });
    return this.running;
  }

  /** Out of sight, and perhaps about to be closed: once more, whatever was asked before. */
  private leave(): Promise<void> {
    this.asked = false;
    return this.wakeLater();
  }

  /**
   * Ask the browser to wake us, or the worker when nobody looks any more, as soon as there is signal: at once when there is.
   * Only where something waits.
   */
  private async wakeLater(): Promise<void> {
    if (this.asked || !this.waits()) return;
    this.asked = true;
    const worker = await navigator.serviceWorker?.getRegistration("/app/");
    const sync = (worker as unknown as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync;
    await sync?.register("outbox").catch(() => undefined);
  }

  private async run(): Promise<void> {
    this.told("sending");
    let wait = IDLE;
    try {
      await this.pass();
      this.failures = 0;
      this.asked = false;
      this.notBefore = 0;
      this.told("idle");
    } catch (error) {
      wait = this.judge(error);
    }
    if (wait) this.timer = setTimeout(() => void this.now(), wait);
  }

  /** How long to wait after an error; 0 = until somebody acts. */
  private judge(error: unknown): number {
    // The next person's own passes say how things stand.
    if (error instanceof SomebodyElse) return 0;
    if (error instanceof NotOurTurn) {
      this.told("idle");
      return OTHER_TAB;
    }
    const back = Math.min(LONGEST, FIRST * 2 ** this.failures++) * (0.5 + this.random());
    if (error instanceof Failed && error.status === 401) {
      this.told("needsSignIn");
      return (error.retryAfter ?? 0) * 1000;
    }
    this.told(error instanceof Offline ? "offline" : isFull(error) ? "full" : "trouble");
    void this.wakeLater();
    const asked = error instanceof Failed || error instanceof Offline ? error.retryAfter : null;
    if (!asked) return back;
    const wait = Math.min(asked * 1000, LONGEST_ASKED);
    this.notBefore = Date.now() + wait;
    return wait;
  }
}
