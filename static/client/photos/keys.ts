/**
 * Who opens a photo that lies here: its person, under her data key, as long as it may be looked at on this phone; and the
 * ward, to which its key is sealed. Of a report's photo only the ward is left with the save.
 */

import { disclose, enclose, isHeld } from "../lock/vault";
import { type PhotoFile, type PhotoRow, type PhotoShut, use, write } from "../store/database";
import { photoRows } from "../store/photos";
import { photoKeySealer } from "../sync/sealing";
import { digest } from "./digest";
import { type Bytes, type Inside, newKey, opened, opening, shut } from "./shut";

/** A picture's bytes shut, with what opens them again. */
export async function shutUp(whole: Blob, thumb: Blob, sha256: string): Promise<{ whole: Blob; thumb: Blob; inside: Inside }> {
  const inside = { key: newKey(), sha256, size: whole.size };
  return { whole: await shut(whole, inside.key), thumb: await shut(thumb, inside.key, true), inside };
}

/** For its person. Throws Shut when her part is. */
export const forOwner = async (id: string, inside: Inside): Promise<PhotoShut> => ({ own: await enclose("data", inside, `photo ${id}`) });

/** What a photo that begins to wait is shut with from then on; null when that cannot be told now. */
export async function forWard(row: PhotoRow, person: string): Promise<PhotoShut | null> {
  const inside = row.shut && (await insideOf(row.id, row.shut));
  if (!inside) return null;
  const seal = await photoKeySealer(person).catch(() => null);
  const theirs = seal ? { sealed: await seal(row.id, row.record, inside) } : { bare: inside };
  const { own } = row.shut!;
  return { ...theirs, ...(!row.guarded && own && { own }) };
}

/** A photo's picture to be looked at here; null when nobody can. */
export async function seen(id: string, which: "thumb" | "whole"): Promise<Blob | null> {
  const [row, file] = await use((db) => {
    const tx = db.transaction(["photos", "files"]);
    return Promise.all([tx.objectStore("photos").get(id), tx.objectStore("files").get(id)]);
  });
  const blob = file?.[which];
  if (!row?.shut || !blob) return blob ?? null;
  const inside = await ownInside(id, row.shut);
  return inside && opened(blob, inside.key, which === "thumb" ? "image/jpeg" : row.type, which === "thumb");
}

/** What of a photo goes to the ward: as it lies here, or opened, for a ward that takes none that are shut. */
export interface Going {
  whole: Bytes;
  sha256?: string;
  sealed?: string;
  open: boolean;
}

/** How a photo goes to the ward; null while it cannot: its person has to open her part, or the ward to be a newer one. */
export async function going(row: PhotoRow, whole: Blob, takesShut: boolean): Promise<Going | null> {
  if (!row.shut) return { whole, sha256: row.sha256, open: true };
  // What is asked for shut does not go open because there is no key to be trusted.
  if (takesShut && !row.open) return row.shut.sealed ? { whole, sealed: row.shut.sealed, open: false } : null;
  const inside = await insideOf(row.id, row.shut);
  return inside && { whole: opening(whole, inside.key), sha256: inside.sha256, open: true };
}

async function insideOf(id: string, lies: PhotoShut): Promise<Inside | null> {
  return lies.bare ?? ownInside(id, lies);
}

async function ownInside(id: string, { own }: PhotoShut): Promise<Inside | null> {
  return own ? disclose<Inside>("data", own, `photo ${id}`).catch(() => null) : null;
}

/**
 * Shut what lies open from before, and seal what waits since the ward had told no key. One photo at a time, each in one
 * step over the row that was read: whatever fails, it lies there as it did.
 */
export async function shutLate(person: string): Promise<void> {
  for (const row of await photoRows(person)) await (row.shut ? sealLate(row, person) : shutOld(row, person)).catch(() => undefined);
}

async function sealLate(row: PhotoRow, person: string): Promise<void> {
  if (row.draft !== null || row.kept !== null || row.open || row.shut?.sealed) return;
  const made = await forWard(row, person);
  if (made?.sealed) await replace(row, { ...row, shut: made }, null, person);
}

async function shutOld(row: PhotoRow, person: string): Promise<void> {
  const mayWait = row.draft === null && row.kept === null;
  // What has begun to go up as it is ends so; a report's that the ward keeps goes in two days.
  if (mayWait ? row.offset > 0 || row.tries > 0 : row.guarded && row.kept !== null) return;
  // What its person may look at waits until she is here.
  if ((!row.guarded || row.draft !== null) && !isHeld()) return;
  const file = await use((db) => db.get("files", row.id), person);
  if (!file?.whole || (await digest(file.whole)) !== row.sha256) return;
  const { whole, thumb, inside } = await shutUp(file.whole, file.thumb, row.sha256);
  const lies = isHeld() ? await forOwner(row.id, inside) : { bare: inside };
  const next = { ...row, sha256: await digest(whole), size: whole.size, shut: lies };
  const waiting = mayWait ? await forWard(next, person) : null;
  await replace(row, { ...next, shut: waiting ?? lies, ...(row.kept && { open: true, offset: whole.size }) }, { id: row.id, whole, thumb }, person);
}

/** Put a row, and its bytes, in the place of the one that was read, if that is still there as it was. */
async function replace(was: PhotoRow, row: PhotoRow, file: PhotoFile | null, person: string): Promise<void> {
  await write(["photos", "files"], async (tx) => {
    const here = await tx.objectStore("photos").get(was.id);
    const same = here && (["sha256", "offset", "tries", "draft", "kept"] as const).every((name) => here[name] === was[name]);
    if (!same || Boolean(here.shut) !== Boolean(was.shut)) return;
    await tx.objectStore("photos").put(row);
    if (file) await tx.objectStore("files").put(file);
  }, person);
}
