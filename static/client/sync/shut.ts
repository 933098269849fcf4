/** A sealed change, in the outbox and on its way. Pure. */

import type { OutboxEntry } from "../store/database";

/** What the ward tells to seal by: who vouches, the list of keys as text, and its signature. See app/seals/. */
export interface Told {
  identity: string;
  list: string;
  sig: string;
}

/** The code of an entry that waits because there is no key to be trusted. */
export const REFUSED = "seal_refused";

/** A sealed body: `hash` is of what is inside, `by` the public key whose signature it has; see docs/sync-protocol.md. */
export interface Shut {
  text: string;
  key: string;
  head: string;
  hash: string;
  sig?: string;
  by?: string;
}

/** Whether this ward takes photos that are shut. */
export function takesPhotos(told: Told | null | undefined): boolean {
  try {
    return (JSON.parse(told?.list ?? "null") as { photos?: number } | null)?.photos === 1;
  } catch {
    return false;
  }
}

/** What lies here and goes to the ward byte for byte; receipts are for it. */
export const bytesOf = (entry: Pick<OutboxEntry, "body" | "sealed">): string => entry.sealed?.text ?? entry.body;

/**
 * An entry in the shape in which this ward takes it; null when it has to wait. A ward that tells keys gets nothing
 * unsealed, an older one that tells none gets what can still be read here.
 */
export function shaped(entry: OutboxEntry, told: Told | null | undefined): OutboxEntry | null {
  if (told) return entry.sealed ? entry : null;
  if (!entry.sealed) return entry;
  const { sealed: _, own: __, ...plain } = entry;
  return entry.body ? plain : null;
}
