/** What a receipt makes of the phone's own copy. Pure. */

import type { SentEntry } from "../store/database";
import type { WardRecord } from "../types";
import { isTaken, lay, read, settles } from "./rebase";

/**
 * The ward's copy after a change that it took, as this phone can tell it; null when it took nothing new.
 * Where the ward made something else of it (merged, judged meanwhile) its own version follows in `records`.
 */
export function settled(ward: WardRecord | null, entry: SentEntry, person: string): WardRecord | null {
  const { receipt } = entry;
  const change = read(entry);
  if (!isTaken(receipt) || change.delete || receipt.version <= (ward?.version ?? 0)) return null;
  const data = Object.entries(lay(ward?.data ?? {}, [change])).filter(([, value]) => value !== null);
  const good = ward?.review ? "answered" : "received";
  return {
    unit: null,
    parent: null,
    review: null,
    kind: entry.kind,
    author: person,
    received: receipt.got,
    ...ward,
    id: entry.record,
    version: receipt.version,
    status: receipt.outcome === "needs_fixing" ? "needs_fixing" : good,
    data: Object.fromEntries(data),
    problems: receipt.problems,
    conflicts: (ward?.conflicts ?? []).filter((one) => !settles(change, one)),
  };
}
