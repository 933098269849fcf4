/** The ways into a form: a new record, or a change of one. Each ends at the form's own address. */

import { isFilled } from "../forms/conditions";
import { begin, firstAnswers, resume, working } from "../forms/working";
import { isOpen } from "../pieces/path";
import { recordOf, specOf } from "../pieces/titles";
import { go } from "../route";
import { drafts } from "../state";
import type { FormSpec, Values, View } from "../types";

/** Open the form of a kind, about another record when one is given. False when this phone does not know the kind. */
export async function startNew(kind: string, about?: string): Promise<boolean> {
  const spec = specOf(kind);
  if (!spec) return false;
  const values = firstAnswers(spec);
  const link = Object.keys(spec.fields).find((name) => spec.fields[name]!.kind === spec.parent);
  if (about && link) Object.assign(values, carried(spec, recordOf(about)?.data), { [link]: about });
  go(`#/form/${begin(kind, { values }).id}/1`, true);
  return true;
}

/** The answers of the other record that the form begins with: what was there last time. */
function carried(spec: FormSpec, from: Values = {}): Values {
  return Object.fromEntries((spec.carries ?? []).flatMap((name) => (isFilled(from[name]) ? [[name, from[name]]] : [])));
}

/** Open a record to change it: its waiting draft, or its present answers. */
export async function startEdit(id: string): Promise<boolean> {
  const view = recordOf(id);
  if (!view || !isOpen(view)) return false;
  await openEdit(view);
  go(`#/form/${working.value!.id}/1`, true);
  return true;
}

/** Put a record's correction in memory: the draft of it that waits, or the record's present answers. */
export async function openEdit(view: View): Promise<void> {
  if (working.value?.record === view.id) return;
  const waiting = drafts.value.find((draft) => draft.record === view.id);
  if (waiting && (await resume(waiting.id))) return;
  begin(view.kind, { record: view.id, values: { ...view.data }, base: { ...view.data }, version: view.version });
}
