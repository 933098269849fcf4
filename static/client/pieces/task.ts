import type { Said, View } from "../types";

/** What the ward asks this person to do about a record, until she writes something about it; `all`: what she carries. */
export function taskOf(view: View, all: View[]): Said | undefined {
  const about = [view, ...all.filter((one) => one.mine && one.parent === view.id)];
  return view.said.find(({ due, at }) => due !== undefined && !about.some((one) => Date.parse(one.changedAt) > Date.parse(at)));
}
