/**
 * One pass: push what waits and pull what is new, in one round trip where it fits.
 *
 * Named phases, no screen, no clock of its own. Whatever fails, nothing unsent is deleted: an outbox
 * entry leaves only by its receipt, in the transaction that also writes the ward's news and the cursor.
 */

import { Shut } from "../lock/vault";
import { type SentEntry, type Writing, factIn, readAll, write } from "../store/database";
import { isWhole } from "../store/outbox";
import { takePlace } from "../store/place";
import { forgetOld, matching } from "../store/receipts";
import { type Rows, closedUp } from "../store/remote";
import { insist, isFull } from "../store/room";
import { UNREADABLE, noteAllStuck } from "../store/stuck";
import { Search } from "./lanes";
import { type Answer, Failed, MOST_CHANGES, NotOurTurn, Offline, type Question, isAnswer } from "./protocol";
import { takeHeed, takeIn } from "./pull";
import { type Parcel, letGo, pack, sealed } from "./push";
import { talk } from "./talk";

type Seals = Awaited<ReturnType<typeof sealed>>;

export type Phase = "push" | "pull" | "rebase";

export interface Pass {
  phases: Phase[];
  trips: number;
  sent: number;
  received: number;
  /** The ward started over: this person's scope may be another one than before. */
  reset: boolean;
}

export interface Surroundings {
  app: string;
  /** Whose work this is: the server refuses a pass under somebody else's sign-in. */
  person: string;
  /** The ward whose log this phone is a witness of. */
  ward?: string;
  now: () => Date;
  ask?: (question: Question) => Promise<Answer>;
  /** This tab's token as the one that sends; without one nobody else does. */
  turn?: string;
}

const ask = (question: Question) => talk<Answer>("/api/v1/sync", question);

/** The server speaks about what a request carries, so that a part of it may be at fault. */
export const ABOUT_US = new Set([400, 409, 410, 413, 422, 500]);
/** So many requests of a pass may fail that way; then it is the server that is ill. */
export const MOST_FAILURES = 12;

/**
 * Run one pass for the chosen person. Throws Offline, Failed, SomebodyElse when the phone changed hands, or
 * NotOurTurn when another tab took over; what was receipted until then stays so.
 */
export async function synchronize(around: Surroundings): Promise<Pass> {
  await takePlace(around.person, around.now());
  return new Run(around).go();
}

class Run {
  private readonly pass: Pass = { phases: [], trips: 0, sent: 0, received: 0, reset: false };
  private readonly search = new Search(MOST_CHANGES);
  /** Numbers that were sent in this pass without a receipt to believe: not twice in one pass. */
  private readonly tried = new Set<number>();
  /** Entries that spoiled their request alone; it is their own fault once another request goes through. */
  private suspects: { entry: { seq: number; record: string }; code: string }[] = [];
  private failures = 0;
  /** Too many requests failed: one more that carries nothing shows whether the server is well, and the pass ends. */
  private enough: Failed | null = null;

  constructor(private readonly around: Surroundings) {}

  async go(): Promise<Pass> {
    for (;;) {
      const { app, person } = this.around;
      const parcel = await pack({ app, person, now: this.around.now(), tried: this.tried, most: this.enough ? 0 : this.search.most });
      this.pass.phases.push(parcel.batch.length ? "push" : "pull");
      this.pass.trips += 1;
      const answer = await this.ask(parcel);
      if (!answer) continue;
      const done = await this.settle(parcel, answer);
      if (this.enough) throw this.enough;
      if (done) break;
    }
    await forgetOld(this.around.now(), this.around.person);
    return this.pass;
  }

  /** The answer; null when the request has to be cut smaller. */
  private async ask(parcel: Parcel): Promise<Answer | null> {
    try {
      return await (this.around.ask ?? ask)(parcel.question);
    } catch (error) {
      if (!(error instanceof Failed) || !ABOUT_US.has(error.status) || !parcel.batch.length) throw error;
      if (++this.failures > MOST_FAILURES) this.enough = error;
      this.search.failed(parcel.batch.length, error.status === 413);
      if (parcel.batch.length > 1) return null;
      const [entry] = parcel.batch;
      this.tried.add(entry!.seq);
      this.suspects.push({ entry: entry!, code: error.code });
      return null;
    }
  }

  /** Keep what an answer says, all of it or nothing. True when the pass is done. */
  private async settle(parcel: Parcel, answer: Answer): Promise<boolean> {
    if (!isAnswer(answer)) throw new Offline("not our answer");
    const { person } = this.around;
    const restored = parcel.epoch !== null && parcel.epoch !== answer.epoch;
    const kept = restored ? (await readAll("sent", isWhole, person)).values : [];
    const seals = await sealed(parcel);
    this.pass.phases.push("rebase");
    const now = this.around.now().toISOString();
    const rows = await closedUp(answer.records, matching(seals, answer.receipts, now), person).catch(whileShut);
    const { believed, more } = await this.keep(parcel, answer, seals, kept, rows);
    this.search.passed(parcel.batch.length);
    this.pass.sent += believed.length;
    this.pass.reset ||= answer.reset;
    this.pass.received += answer.records.length + answer.gone.length;
    const taken = new Set(believed.map(({ seq }) => seq));
    const doubted = parcel.batch.filter(({ seq }) => !taken.has(seq));
    doubted.forEach(({ seq }) => this.tried.add(seq));
    if (restored) this.tried.clear();
    await this.blame(parcel, restored ? [] : doubted);
    // What got stuck once and went up now has opened its lane.
    const opened = parcel.again && believed.length > 0;
    const stands = answer.more && answer.cursor === parcel.question.cursor;
    return !restored && !more && !opened && !parcel.behind && !rows?.isLost && (!answer.more || stands || !rows);
  }

  private async keep(parcel: Parcel, answer: Answer, seals: Seals, kept: SentEntry[], rows: Rows | null): Promise<{ believed: SentEntry[]; more: boolean }> {
    const { person, ward = "", turn } = this.around;
    const now = this.around.now().toISOString();
    const put = (withNews: boolean) => write(["facts", "records", "outbox", "sent", "stuck"], async (tx) => {
      if (turn) await stillOurs(tx, turn);
      const believed = await letGo(tx, seals, kept, answer, now);
      await takeIn(tx, parcel, answer, believed, now, rows, withNews);
      return { believed, more: await takeHeed(tx, parcel, answer, ward, now) };
    }, person);
    return put(true).catch(async (error: unknown) => {
      if (!isFull(error)) throw error;
      // No room for the ward's news: then the receipts at least, out of the reserve. The cursor stays where it was.
      const receipts = () => put(false);
      this.pass.sent += (await (parcel.batch.length ? insist(receipts) : receipts())).believed.length;
      throw error;
    });
  }

  /** The server answers without them: what failed alone, or came back without a receipt, waits in its own lane. */
  private async blame(parcel: Parcel, doubted: { seq: number; record: string }[]): Promise<void> {
    const found = [
      ...this.suspects,
      ...doubted.map((entry) => ({ entry, code: "no_receipt" })),
      ...parcel.unreadable.map((seq) => ({ entry: { seq, record: "" }, code: UNREADABLE })),
    ];
    this.suspects = [];
    await noteAllStuck(found, this.around.now(), this.around.person);
  }
}

/** It was shut just now: what goes up goes up, and the rest comes when it is open again. */
function whileShut(error: unknown): null {
  if (error instanceof Shut) return null;
  throw error;
}

/** Whether this tab still is the one that sends; it says so at the same time. */
async function stillOurs(tx: Writing, token: string): Promise<void> {
  const turn = await factIn(tx, "turn");
  if (turn?.token !== token) throw new NotOurTurn("another tab sends");
  await tx.objectStore("facts").put({ token, at: Date.now() }, "turn");
}
