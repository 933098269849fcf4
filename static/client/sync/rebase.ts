/** What a person sees of a record: the ward's state, then everything of this phone on top. Pure. */

import type { OutboxEntry, SentEntry } from "../store/database";
import type { FieldProblem, Values, View, WardRecord } from "../types";

/** A change's body, as far as the phone needs it. */
export interface ChangeBody {
  id: string;
  seq: number;
  record: string;
  kind: string;
  form: number;
  base: number;
  at: string;
  set?: Values;
  delete?: true;
  reason?: string;
}

/**
 * The view of one record; null when there is nothing to show.
 *
 * Receipted changes lie over the ward's state only while they are newer than it (the ward does not send
 * back what it just took); unsent ones always do, in the order of their numbers. An edit never touches
 * fields that it does not name, so a verdict that arrives meanwhile stays visible.
 */
export function view(
  id: string,
  ward: WardRecord | null,
  outbox: OutboxEntry[],
  sent: SentEntry[],
  person: string,
): View | null {
  const newer = sent.filter((entry) => entry.receipt.version > (ward?.version ?? 0) || !ward).sort(bySeq);
  const over = [...newer, ...[...outbox].sort(bySeq)].map((entry) => JSON.parse(entry.body) as ChangeBody);
  const first = over[0];
  if (!ward && !first) return null;
  const last = over.at(-1);
  const receipt = newer.at(-1)?.receipt;
  const data = over.reduce<Values>((values, change) => ({ ...values, ...change.set }), { ...ward?.data });
  return {
    id,
    kind: ward?.kind ?? first!.kind,
    data,
    version: Math.max(ward?.version ?? 0, receipt?.version ?? 0),
    status: outbox.length ? "phone" : "sent",
    ward: wardStatus(ward, newer),
    review: ward?.review ?? null,
    received: receipt?.got ?? ward?.received ?? null,
    unsent: outbox.length,
    problems: problemsOf(sent),
    conflicts: ward?.conflicts ?? [],
    author: ward?.author ?? person,
    mine: (ward?.author ?? person) === person,
    unit: ward?.unit ?? null,
    parent: ward?.parent ?? null,
    changedAt: last?.at ?? ward!.received,
    withdrawn: over.some((change) => change.delete),
  };
}

/** What the ward thinks, after the receipts that are newer than its last word. */
function wardStatus(ward: WardRecord | null, newer: SentEntry[]): string | null {
  const last = newer.at(-1);
  if (!last) return ward?.status ?? null;
  if (last.receipt.outcome === "quarantined" || last.receipt.outcome === "needs_fixing") return last.receipt.outcome;
  return ward && ward.status !== "received" && ward.status !== "needs_fixing" ? "answered" : "received";
}

function problemsOf(sent: SentEntry[]): FieldProblem[] {
  return [...sent].sort(bySeq).at(-1)?.receipt.problems ?? [];
}

const bySeq = (a: { seq: number }, b: { seq: number }) => a.seq - b.seq;
