/** The receiving half of a pass: the ward's news, and where this phone stands afterwards. */

import type { SentEntry, Writing } from "../store/database";
import { applyRemote } from "../store/records";
import type { Parcel } from "./push";
import type { Answer } from "./protocol";

/** Write an answer's records and its cursor. Everything is replaced when everything was asked for. */
export async function takeIn(tx: Writing, parcel: Parcel, answer: Answer, believed: SentEntry[], now: string): Promise<void> {
  const { records, gone, more, cursor, epoch } = answer;
  const replace = answer.reset || parcel.question.cursor === null;
  await applyRemote(tx, { records, gone, more, replace }, believed, parcel.question.person);
  const facts = { cursor, epoch, lastReceived: now, ...(more ? {} : { pulled: true }) };
  for (const [name, value] of Object.entries(facts)) await tx.objectStore("facts").put(value, name);
}
