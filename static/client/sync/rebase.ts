/** What a person sees of a record: the ward's state, then everything of this phone on top. Pure. */

import type { OutboxEntry, SentEntry } from "../store/database";
import type { Conflict, FieldProblem, Receipt, Values, View, WardRecord } from "../types";

/** A change's body, as far as the phone needs it. */
export interface ChangeBody {
  base: number;
  at: string;
  set?: Values;
  delete?: true;
}

/**
 * The view of one record; null when there is nothing to show.
 *
 * Unsent changes lie over the ward's state in the order of their numbers; so does what the ward keeps without
 * having made a record of it. An edit never touches fields that it does not name, so a verdict that arrives
 * meanwhile stays visible. A receipted record that the ward's copy lacks has left this person's lists.
 */
export function view(
  id: string,
  ward: WardRecord | null,
  outbox: OutboxEntry[],
  sent: SentEntry[],
  person: string,
): View | null {
  const receipted = [...sent].sort(bySeq);
  const aside = ward ? [] : receipted.filter(({ receipt }) => !isTaken(receipt));
  const over = [...aside, ...[...outbox].sort(bySeq)];
  if (!ward && !over.length) return null;
  const changes = over.map(read);
  const unsent = outbox.map(read);
  const last = over.at(-1) ?? receipted.at(-1);
  return {
    id,
    kind: ward?.kind ?? over[0]!.kind,
    data: lay(ward?.data ?? {}, changes),
    version: ward?.version ?? 0,
    status: outbox.length ? "phone" : "sent",
    ward: ward?.status ?? (aside.at(-1)?.receipt.outcome === "quarantined" ? "quarantined" : null),
    review: ward?.review ?? null,
    said: ward?.said ?? [],
    received: receivedAt(ward, receipted),
    unsent: outbox.length,
    problems: problemsOf(ward, receipted),
    conflicts: (ward?.conflicts ?? []).map((one) => ({ ...one, chosen: unsent.some((change) => settles(change, one)) })),
    author: ward?.author ?? person,
    mine: (ward?.author ?? person) === person,
    unit: ward?.unit ?? null,
    parent: ward?.parent ?? null,
    changedAt: newest(ward?.received, last?.at),
    withdrawn: changes.some((change) => change.delete),
  };
}

export const isTaken = ({ outcome }: Receipt) => outcome !== "held" && outcome !== "quarantined";

/** Whether a change ends a conflict: it writes the field, by somebody who saw both values. */
export function settles(change: ChangeBody, { field, version }: Conflict): boolean {
  return Object.hasOwn(change.set ?? {}, field) && version <= change.base;
}

/** A body's change; an empty one where it cannot be read, so that the others are still seen. */
export function read(entry: OutboxEntry): ChangeBody {
  try {
    return JSON.parse(entry.body) as ChangeBody;
  } catch {
    return { base: 0, at: entry.at };
  }
}

export const lay = (data: Values, changes: ChangeBody[]) => changes.reduce<Values>((values, { set }) => ({ ...values, ...set }), data);

function receivedAt(ward: WardRecord | null, receipted: SentEntry[]): string | null {
  const receipt = receipted.filter((entry) => isTaken(entry.receipt)).at(-1)?.receipt;
  return (ward && receipt?.got) || ward?.received || receipted.at(-1)?.receipt.got || null;
}

/** What the ward says about the record, and why it set this phone's last change aside, if it did. */
function problemsOf(ward: WardRecord | null, receipted: SentEntry[]): FieldProblem[] {
  const receipt = receipted.at(-1)?.receipt;
  return [...(ward?.problems ?? []), ...(receipt?.outcome === "quarantined" ? receipt.problems : [])];
}

/** The latest of moments in any offset, in UTC so that they sort as text; "" when none can be read. */
function newest(...moments: (string | undefined)[]): string {
  const times = moments.map((moment) => Date.parse(moment ?? "")).filter((time) => !Number.isNaN(time));
  return times.length ? new Date(Math.max(...times)).toISOString() : "";
}

const bySeq = (a: { seq: number }, b: { seq: number }) => a.seq - b.seq;
