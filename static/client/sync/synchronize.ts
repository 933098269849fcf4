/**
 * One pass: push what waits and pull what is new, in one round trip where it fits.
 *
 * Named phases, no screen, no clock of its own. Whatever fails, nothing unsent is deleted: an outbox
 * entry leaves only by its receipt, in the transaction that also writes the ward's news and the cursor.
 */

import { type SentEntry, write } from "../store/database";
import { forgetOld } from "../store/outbox";
import { type Answer, Failed, MOST_CHANGES, Offline, type Question, isAnswer } from "./protocol";
import { takeIn } from "./pull";
import { type Parcel, letGo, pack, sealed } from "./push";
import { talk } from "./talk";

export type Phase = "push" | "pull" | "rebase";

export interface Pass {
  phases: Phase[];
  trips: number;
  sent: number;
  received: number;
}

export interface Surroundings {
  app: string;
  /** Whose work this is: the server refuses a pass under somebody else's sign-in. */
  person: string;
  now: () => Date;
  ask?: (question: Question) => Promise<Answer>;
}

const ask = (question: Question) => talk<Answer>("/api/v1/sync", question);

/**
 * Run one pass for the chosen person. Throws Offline, Failed, or SomebodyElse when the phone changed hands;
 * what was receipted until then stays so.
 */
export async function synchronize(around: Surroundings): Promise<Pass> {
  const pass: Pass = { phases: [], trips: 0, sent: 0, received: 0 };
  let most = MOST_CHANGES;
  let skip = 0;
  let tooLarge: Failed | null = null;
  for (;;) {
    const parcel = await pack(around.app, around.person, skip, most);
    pass.phases.push(parcel.batch.length ? "push" : "pull");
    pass.trips += 1;
    const answer = await (around.ask ?? ask)(parcel.question).catch((error: unknown) => {
      if (!(error instanceof Failed) || error.status !== 413 || !parcel.batch.length) throw error;
      // Half as much; what does not pass even alone stays here and lets the others by.
      if (parcel.batch.length > 1) most = Math.floor(parcel.batch.length / 2);
      else [skip, tooLarge] = [skip + 1, error];
      return null;
    });
    if (!answer) continue;
    pass.phases.push("rebase");
    const believed = await settle(around, parcel, answer);
    pass.sent += believed;
    pass.received += answer.records.length + answer.gone.length;
    const restored = parcel.epoch !== null && parcel.epoch !== answer.epoch;
    // An entry without a believed receipt stays, and is not sent twice in one pass: it blocks nothing.
    skip = restored ? 0 : skip + parcel.batch.length - believed;
    const stands = answer.more && answer.cursor === parcel.question.cursor;
    if (!restored && !parcel.behind && (!answer.more || stands)) break;
  }
  await forgetOld(around.now(), around.person);
  if (tooLarge) throw tooLarge;
  return pass;
}

/** Keep what an answer says, all of it or nothing; the number of entries that may leave the outbox. */
async function settle(around: Surroundings, parcel: Parcel, answer: Answer): Promise<number> {
  if (!isAnswer(answer)) throw new Offline("not our answer");
  const seals = await sealed(parcel);
  const now = around.now().toISOString();
  let believed: SentEntry[] = [];
  await write(["facts", "records", "outbox", "sent"], async (tx) => {
    believed = await letGo(tx, parcel, seals, answer, now);
    await takeIn(tx, parcel, answer, believed, now);
  }, around.person);
  return believed.length;
}
