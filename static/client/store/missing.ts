/** Numbers that the ward never got: on their way, to be offered again, or lost. */

import { type Alarm, raise } from "./alarms";
import { type Writing, factIn, putFacts } from "./database";

/**
 * The ward said which numbers it never got: what still waits here is on its way, what has a receipt is offered
 * again (once), and the rest is lost, which is an alarm if it is none yet. True when something waits again.
 */
export async function hearMissing(tx: Writing, missing: number[], now: string): Promise<boolean> {
  const waiting = new Set(await tx.objectStore("outbox").getAllKeys());
  const gone: number[] = [];
  let offered = false;
  for (const seq of missing.filter((one) => !waiting.has(one))) {
    const found = await offerOne(tx, seq);
    if (found === "gone") gone.push(seq);
    offered ||= found === "offered";
  }
  const alarms = (await factIn(tx, "alarms")) ?? [];
  const came = Number((await tx.objectStore("sent").index("seq").openKeyCursor(null, "prev"))?.key ?? 0);
  const hear = (alarm: Alarm): Alarm => {
    const within = gone.filter((seq) => seq >= alarm.from && seq <= alarm.to);
    return { ...alarm, missing: within, sure: alarm.kind === "hole" || came > alarm.to };
  };
  const changed = alarms.map((alarm) => (alarm.kind === "chain" ? alarm : hear(alarm)));
  if (alarms.length) await putFacts(tx, { alarms: changed });
  const fresh = gone.filter((seq) => !changed.some((alarm) => alarm.missing.includes(seq)));
  if (fresh.length) await raise(tx, { kind: "hole", at: now, from: Math.min(...fresh), to: Math.max(...fresh), missing: fresh });
  return offered;
}

/** A change that has its receipt here waits again, unless it was offered before. */
async function offerOne(tx: Writing, seq: number): Promise<"gone" | "offered" | "known"> {
  const sent = await tx.objectStore("sent").index("seq").get(seq);
  if (!sent) return "gone";
  const offered = (await factIn(tx, "offered")) ?? [];
  if (offered.includes(seq)) return "known";
  const { receipt: _, ...entry } = sent;
  await tx.objectStore("outbox").put(entry);
  await tx.objectStore("sent").delete(sent.id);
  await putFacts(tx, { offered: [...offered, seq] });
  return "offered";
}

/** Its person has read everything. */
export async function markRead(tx: Writing, now: string): Promise<void> {
  const alarms = (await factIn(tx, "alarms")) ?? [];
  await putFacts(tx, { alarms: alarms.map((alarm) => ({ ...alarm, read: alarm.read ?? now })) });
}
