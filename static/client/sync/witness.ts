/** Every phone is a witness of its ward's log: it keeps the newest head that it saw, and asks for it once a day. */

import { type Facts, type Writing, factIn, putFacts } from "../store/database";
import type { Answer } from "./protocol";

type Witness = Facts["witness"];

/**
 * What to keep after an answer. Another ward or a restored database (another epoch) has another log. In the same
 * log only a later link takes the place of an earlier one: one that stands before it is to be asked about first. Pure.
 */
export function newer(kept: Witness, chain: string, ward: string, sameEpoch: boolean): Witness {
  if (!kept || kept.ward !== ward || !sameEpoch || number(chain) > number(kept.seen)) return { ward, seen: chain };
  return kept;
}

const number = (chain: string) => Number(chain.split(":")[0]);

export async function keepWitness(tx: Writing, answer: Answer, ward: string, epoch: string | null): Promise<void> {
  if (!answer.chain) return;
  const kept = (await factIn(tx, "witness")) ?? null;
  const next = newer(kept, answer.chain, ward, epoch === answer.epoch);
  if (next !== kept) await putFacts(tx, { witness: next });
  // Not a later link of the log that this phone saw, as it should be: do not wait for tomorrow to ask.
  else if (answer.chain !== next!.seen) await putFacts(tx, { digestDay: null });
}
