/** The receiving half of a pass: the ward's news, and where this phone stands afterwards. */

import { type SentEntry, type Writing, putFacts } from "../store/database";
import { hearMissing } from "../store/missing";
import { heedWard } from "../store/place";
import { NOTHING, type Rows, applyRemote } from "../store/remote";
import type { Parcel } from "./push";
import type { Answer } from "./protocol";
import { keepWitness } from "./witness";

/**
 * Write an answer's records and its cursor. Everything is replaced when everything was asked for.
 * Without `news` only what the ward took is settled: the phone is full, and the rest comes another time. So it does
 * when there are no `rows`: the phone is shut, and nothing that the ward tells can be put away. When some of what the
 * ward took is known to it alone, everything is asked for anew.
 */
export async function takeIn(tx: Writing, parcel: Parcel, answer: Answer, believed: SentEntry[], now: string, rows: Rows | null, news: boolean): Promise<void> {
  const { records, gone, more, cursor, epoch } = answer;
  if (!rows) await putFacts(tx, { epoch, lastReceived: now, ended: null });
  if (!news || !rows) return applyRemote(tx, NOTHING, believed, rows);
  const replace = answer.reset || parcel.question.cursor === null;
  await applyRemote(tx, { records, gone, more, replace }, believed, rows);
  const lag = Date.parse(answer.now) - Date.parse(now) || 0;
  await putFacts(tx, { cursor: rows.isLost ? null : cursor, epoch, lastReceived: now, lag, ended: null, ...(more ? {} : { pulled: true }) });
}

/**
 * What the ward says about this phone itself: numbers that it lacks or knows of, and the head of its log.
 * True when there is something to send or to ask for at once.
 */
export async function takeHeed(tx: Writing, parcel: Parcel, answer: Answer, ward: string, now: string): Promise<boolean> {
  const { cursor, changes } = parcel.question;
  const behind = await heedWard(tx, answer.last, now);
  // Only such answers say anything about missing numbers.
  const speaks = changes.length > 0 || cursor === null || answer.reset;
  const offered = speaks && (await hearMissing(tx, answer.missing, now));
  await keepWitness(tx, answer, ward, parcel.epoch);
  return behind || offered;
}
