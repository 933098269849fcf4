/**
 * One pass: push what waits and pull what is new, in one round trip where it fits.
 *
 * Named phases, no screen, no clock of its own. Whatever fails, nothing unsent is deleted: an outbox
 * entry leaves only in `acknowledge`.
 */

import { type OutboxEntry, fact, setFacts } from "../store/database";
import { acknowledge, forgetOld, waiting } from "../store/outbox";
import { applyRemote } from "../store/records";
import { type Answer, Failed, MOST_BYTES, MOST_CHANGES, PAGE, type Question } from "./protocol";
import { talk } from "./talk";

export interface Pass {
  phases: string[];
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
  told?: (phase: string) => void;
}

const ask = (question: Question) => talk<Answer>("/api/v1/sync", question);

/** Run one pass for the chosen person. Throws Offline or Failed; what was receipted until then stays so. */
export async function synchronize(around: Surroundings): Promise<Pass> {
  const pass: Pass = { phases: [], trips: 0, sent: 0, received: 0 };
  const phase = (name: string) => {
    pass.phases.push(name);
    around.told?.(name);
  };
  let most = MOST_CHANGES;
  let skip = 0;
  for (;;) {
    const batch = cut((await waiting()).slice(skip), most);
    phase(batch.length ? "push" : "pull");
    const answer = await trip(around, batch, pass).catch((error: unknown) => {
      if (!(error instanceof Failed) || error.status !== 413 || batch.length <= 1) throw error;
      most = Math.floor(batch.length / 2);
      return null;
    });
    if (!answer) continue;
    // An entry without a believed receipt stays, and is not sent twice in one pass: it blocks nothing.
    skip += batch.length - (await settle(answer, batch, pass, around.now().toISOString()));
    phase("rebase");
    const left = (await waiting()).length > skip;
    if (!left && !answer.more) break;
  }
  await forgetOld(around.now());
  return pass;
}

async function trip(around: Surroundings, batch: OutboxEntry[], pass: Pass): Promise<Answer> {
  pass.trips += 1;
  const question: Question = {
    device: (await fact("device")) ?? "",
    person: around.person,
    app: around.app,
    cursor: (await fact("cursor")) ?? null,
    limit: PAGE,
    changes: batch.map(({ body }) => ({ body })),
  };
  return (around.ask ?? ask)(question);
}

/** Keep receipts first, then what the ward sent; both survive a kill between them. */
async function settle(answer: Answer, batch: OutboxEntry[], pass: Pass, now: string): Promise<number> {
  const believed = batch.length ? await acknowledge(answer.receipts, now) : [];
  await applyRemote(answer, now);
  if (!answer.more) await setFacts({ pulled: true });
  pass.sent += believed.length;
  pass.received += answer.records.length + answer.gone.length;
  return believed.length;
}

/** As many entries, in order, as one request may carry; always at least one. */
export function cut(entries: OutboxEntry[], most: number): OutboxEntry[] {
  const batch: OutboxEntry[] = [];
  let bytes = 500;
  for (const entry of entries.slice(0, most)) {
    // JSON inside JSON: quotes and backslashes double, letters are up to four bytes.
    bytes += new TextEncoder().encode(JSON.stringify(entry.body)).length + 20;
    if (batch.length && bytes > MOST_BYTES) break;
    batch.push(entry);
  }
  return batch;
}
