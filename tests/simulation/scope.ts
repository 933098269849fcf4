/** Who may carry what, said a second time and in other words than the server's. */

import { type Person, WARD_OF } from "./ward";

const SHARED = ["hazard_site", "child"];
/** Answers that stay with their author and the ward. */
export const RESTRICTED: Record<string, string[]> = { child: ["circumstances_kept"] };

interface Shown {
  kind: string;
  author: string;
  unit: string | null;
  data: Record<string, unknown>;
}

/** Why this record must not be on the phone of `reader`; null when it may. */
export function outOfScope(reader: Person, record: Shown): string | null {
  const group = Number(record.unit);
  const wards = reader.groups.map((one) => WARD_OF[one]);
  if (!wards.includes(WARD_OF[group])) return `a record of another ward (group ${group})`;
  if (record.author === reader.id) return null;
  if (!SHARED.includes(record.kind)) return `somebody else's ${record.kind}`;
  if (!reader.groups.includes(group)) return `a ${record.kind} of group ${group}`;
  const kept = (RESTRICTED[record.kind] ?? []).filter((name) => name in record.data);
  return kept.length ? `with ${kept}` : null;
}
