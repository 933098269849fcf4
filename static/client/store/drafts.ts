/** Forms that are not finished. They survive a killed tab, an update and another person's sign-in. */

import type { Draft } from "../types";
import { readAll, use, write } from "./database";
import { forgetDraft } from "./photos";
import { insist } from "./room";

/** All drafts, newest first. */
export async function all(): Promise<Draft[]> {
  return (await readAll("drafts")).values.sort((a, b) => b.savedAt.localeCompare(a.savedAt));
}

export function get(id: string): Promise<Draft | undefined> {
  return use((db) => db.get("drafts", id));
}

export async function put(draft: Draft): Promise<void> {
  await insist(() => write(["drafts"], (tx) => tx.objectStore("drafts").put(draft)));
}

export async function remove(id: string): Promise<void> {
  await write(["drafts", "photos", "files"], async (tx) => {
    await forgetDraft(tx, id);
    await tx.objectStore("drafts").delete(id);
  });
}
