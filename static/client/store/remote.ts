/** The ward's news of records, written into the read cache. */

import { settled } from "../sync/settle";
import type { WardRecord } from "../types";
import type { SentEntry, Writing } from "./database";
import { bare } from "./write-only";

/** One answer's news of records. `replace` when it is a page of everything, not of what changed. */
export interface Page {
  records: WardRecord[];
  gone: string[];
  more: boolean;
  replace: boolean;
}

/**
 * Take in what the ward took (`believed`) and what it sent; drafts and outbox are not touched.
 *
 * The ward does not send back what it just took, so the phone settles that into its own copy. A replacement
 * of the whole cache takes away what no page of it confirmed, and only after its last page.
 */
export async function applyRemote(tx: Writing, page: Page, believed: SentEntry[], person: string): Promise<void> {
  const records = tx.objectStore("records");
  const facts = tx.objectStore("facts");
  const started = page.replace ? await records.getAllKeys() : ((await facts.get("replacing")) as string[] | null | undefined);
  const unconfirmed = new Set(started ?? []);
  for (const entry of believed) {
    const made = settled((await records.get(entry.record)) ?? null, entry, person);
    if (!made) continue;
    await records.put(bare(made));
    unconfirmed.delete(made.id);
  }
  for (const record of page.records) {
    await records.put(bare(record));
    unconfirmed.delete(record.id);
  }
  for (const id of page.gone) await records.delete(id);
  if (!page.more) for (const id of unconfirmed) await records.delete(id);
  await facts.put(page.more && started ? [...unconfirmed] : null, "replacing");
}
