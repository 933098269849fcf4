/**
 * The lane of photos: after the words, one at a time, from where each stopped. It makes way at once when words are to
 * go. A photo that does not go up lets the others by; none is ever thrown away here.
 */

import { type PhotoRow, SomebodyElse, factIn, putFacts, use, write } from "../store/database";
import { forget, photoFile, photoRows, waits } from "../store/photos";
import { Failed, Offline } from "../sync/protocol";
import { type Told, takesPhotos } from "../sync/shut";
import { digest } from "./digest";
import { going, shutLate } from "./keys";
import { Pieces, send, type Sending, type Standing } from "./tus";

const FIRST = 2_000;
const LONGEST = 300_000;
const LONGEST_ASKED = 3_600_000;
/** How long a photo that failed for itself rests, doubling. */
const REST = 60_000;
const LONGEST_REST = 6 * 3_600_000;
/** How long what the ward keeps stays here, to be offered again when the ward was restored from yesterday's backup. */
const KEPT_DAYS = 30;
/** The same for pictures that nobody should find on this phone. */
const GUARDED_DAYS = 2;

type Sender = typeof send;

export class Lane {
  private stop: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private readonly pieces = new Pieces();
  /** The last run, over or not: two never send at once. */
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly changed: () => Promise<void>,
    private readonly goes: (is: boolean) => void,
    private readonly sender: Sender = send,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Make way: what is under way stops after the bytes that the ward has. */
  pause(): void {
    clearTimeout(this.timer);
    this.stop?.abort();
    this.stop = null;
  }

  /** Somebody pressed the button: failures of before do not count. */
  patience(): void {
    this.failures = 0;
  }

  /** Send what waits for this person, and again later what did not go. Resolves when this run is over. */
  go(person: string): Promise<void> {
    this.pause();
    const stop = (this.stop = new AbortController());
    this.running = this.running.then(() => this.run(person, stop.signal));
    return this.running;
  }

  private async run(person: string, stop: AbortSignal): Promise<void> {
    if (stop.aborted) return;
    const work = () => this.all(person, stop);
    this.goes(true);
    try {
      // Another tab that sends already goes on; where there are no locks the ward sorts it out.
      if (navigator.locks) await navigator.locks.request(`photos ${person}`, { ifAvailable: true }, async (lock) => void (lock && (await work())));
      else await work();
      this.failures = 0;
      this.later(person, stop, await this.rest(person));
    } catch (error) {
      this.later(person, stop, this.pauseAfter(error));
    } finally {
      this.goes(false);
      await this.changed().catch(() => undefined);
    }
  }

  private async all(person: string, stop: AbortSignal): Promise<void> {
    await offerAgain(person);
    await shutLate(person);
    for (const row of (await photoRows(person)).filter(waits)) {
      if (stop.aborted) return;
      if (!this.isDue(row)) continue;
      await this.one(row, person, stop).catch((error: unknown) => this.note(error, row, person, stop));
      await this.changed();
    }
    await forgetOld(this.now(), person);
  }

  private async one(row: PhotoRow, person: string, stop: AbortSignal): Promise<void> {
    const file = await photoFile(row.id, person);
    if (!file?.whole || (await digest(file.whole).catch(() => "")) !== row.sha256) throw new Failed("damaged_here", 0);
    const told = (await use((db) => db.get("facts", "seal"), person)) as Told | null | undefined;
    const goes = await going(row, file.whole, takesPhotos(told));
    if (!goes) return;
    if (goes.open && row.shut && !row.open) await change(row.id, person, { open: true });
    const { id, record, type, original } = row;
    const { open: _, ...bytes } = goes;
    const photo: Sending = { id, record, type, original, ...bytes };
    let known = row.offset;
    const heard = async (offset: number) => {
      if (offset === known) return;
      // A line that breaks and breaks, but carries something each time, is used as it is.
      if (offset > known) this.failures = 0;
      known = offset;
      await change(row.id, person, { offset });
      await this.changed();
    };
    const standing = await this.sender(photo, row.tries > 0 || row.offset > 0, this.pieces, heard, stop);
    await settle(row, photo.whole.size, standing, person, this.now());
  }

  /** A photo's own failure is noted with it; anything else ends the run. */
  private async note(error: unknown, row: PhotoRow, person: string, stop: AbortSignal): Promise<void> {
    const isItsOwn = error instanceof Failed && ![401, 429, 503].includes(error.status);
    if (!isItsOwn || stop.aborted) {
      // So that the next try asks where it stopped.
      if (!row.tries) await change(row.id, person, { tries: 1 });
      throw error;
    }
    const rest = Math.min(LONGEST_REST, REST * 2 ** row.tries);
    await change(row.id, person, { fault: error.code, tries: row.tries + 1, next: new Date(this.now().getTime() + rest).toISOString() });
  }

  /** Whether to try now. A time further ahead than any rest comes from a clock that was wrong. */
  private isDue({ next }: PhotoRow): boolean {
    const ahead = Date.parse(next || "1970") - this.now().getTime();
    return !(ahead > 0 && ahead <= LONGEST_REST);
  }

  /** Milliseconds until the next photo may be tried again; 0 when none waits. */
  private async rest(person: string): Promise<number> {
    const times = (await photoRows(person)).filter(waits).map(({ next }) => Math.max(REST, Date.parse(next || "1970") - this.now().getTime()));
    return times.length ? Math.min(...times) : 0;
  }

  private pauseAfter(error: unknown): number {
    if (error instanceof SomebodyElse || (error instanceof Failed && error.status === 401)) return 0;
    const asked = error instanceof Failed || error instanceof Offline ? error.retryAfter : null;
    if (asked) return Math.min(asked * 1000, LONGEST_ASKED);
    return Math.min(LONGEST, FIRST * 2 ** this.failures++) * (0.5 + Math.random());
  }

  private later(person: string, stop: AbortSignal, wait: number): void {
    if (wait && !stop.aborted) this.timer = setTimeout(() => void this.go(person), wait);
  }
}

/** The ward keeps all of it, or refuses it; only in the first case does the phone let go. */
async function settle(row: PhotoRow, size: number, { state, offset }: Standing, person: string, now: Date): Promise<void> {
  if (state === "refused") throw new Failed("refused", 0);
  if (state !== "kept" || offset !== size) throw new Offline("not all of it");
  await write(["photos", "files"], async (tx) => {
    const here = await tx.objectStore("photos").get(row.id);
    if (here?.sha256 !== row.sha256) return;
    await tx.objectStore("photos").put({ ...here, offset, kept: now.toISOString(), fault: null });
  }, person);
}

async function change(id: string, person: string, part: Partial<PhotoRow>): Promise<void> {
  await write(["photos"], async (tx) => {
    const here = await tx.objectStore("photos").get(id);
    if (here) await tx.objectStore("photos").put({ ...here, ...part });
  }, person);
}

/** Whether the ward is another one than the last time: a restored database may lack what it said to keep. */
async function offerAgain(person: string): Promise<void> {
  await write(["facts", "photos", "files"], async (tx) => {
    const [epoch, known] = [await factIn(tx, "epoch"), await factIn(tx, "photoEpoch")];
    if (!epoch || epoch === known) return;
    await putFacts(tx, { photoEpoch: epoch });
    for (const row of known ? await tx.objectStore("photos").getAll() : []) {
      const isHere = row.kept && (await tx.objectStore("files").getKey(row.id));
      if (isHere) await tx.objectStore("photos").put({ ...row, kept: null, fault: null, tries: 1, next: "" });
    }
  }, person);
}

/** What the ward has kept for so long that it is in every backup needs no second copy here. */
async function forgetOld(now: Date, person: string): Promise<void> {
  const limit = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
  const old = (await photoRows(person)).filter(({ kept, guarded }) => kept !== null && kept < limit(guarded ? GUARDED_DAYS : KEPT_DAYS));
  if (!old.length) return;
  await write(["photos", "files"], async (tx) => {
    for (const { id } of old) await forget(tx, id);
  }, person);
}
