/** Forms that are not finished. They survive a killed tab, an update and another person's sign-in. */

import type { Draft } from "../types";
import { readAll, use, write } from "./database";
import { draftOf, draftRow, opened } from "./kept";
import { forgetDraft } from "./photos";
import { insist } from "./room";

/** All drafts, newest first. */
export async function all(): Promise<Draft[]> {
  return (await opened((await readAll("drafts")).values, draftOf)).sort((a, b) => b.savedAt.localeCompare(a.savedAt));
}

export async function get(id: string): Promise<Draft | undefined> {
  const row = await use((db) => db.get("drafts", id));
  return row && draftOf(row).catch(() => undefined);
}

export async function put(draft: Draft): Promise<void> {
  const row = await draftRow(draft);
  await insist(() => write(["drafts"], (tx) => tx.objectStore("drafts").put(row)));
}

export async function remove(id: string): Promise<void> {
  await write(["drafts", "photos", "files"], async (tx) => {
    await forgetDraft(tx, id);
    await tx.objectStore("drafts").delete(id);
  });
}
