/** From a file to a photo of the open form: made ready, put on this phone beside its draft, read back. */

import { answerWith, awaited, working } from "../forms/working";
import { photosOf } from "../forms/answers";
import { kit, photos, readPhotos } from "../state";
import { type PhotoRow, type Writing, phoneFact, write } from "../store/database";
import { NotSaved } from "../store/records";
import { forget, photoFile } from "../store/photos";
import { draftRow } from "../store/kept";
import { isFull } from "../store/room";
import { localMoment } from "../sync/changes";
import type { Draft, Field, Photo } from "../types";
import { digest } from "./digest";
import { draw } from "./draw";
import { forOwner, shutUp } from "./keys";
import { whereNow } from "./where";

/** The longer side when the ward does not say. */
const SIDE = 1_600;
/** Photos are refused before words are: so much stays free for those. */
const FOR_WORDS = 20_000_000;

/** There is no room for another photo on this phone; words still fit. */
export class NoRoom extends Error {}

export interface Target {
  name: string;
  field: Field;
  original: boolean;
  /** Take the place of this photo; else a new one at the end. */
  instead?: string;
}

/** Take a file into the open form. The form's save waits for it. Throws Refused, NoRoom, NotSaved or what the store throws. */
export function take(file: File, target: Target): Promise<void> {
  return awaited(into(file, target));
}

async function into(file: File, target: Target): Promise<void> {
  const draft = working.value;
  if (!draft) return;
  await roomFor(file.size);
  const made = await draw({ file, side: kit.value?.photoSide ?? SIDE, original: target.original });
  const taken = momentOf(made.taken, file);
  const place = made.place ? { ...made.place, at: taken } : await whereNow(taken);
  const { type } = made.whole;
  const photo: Photo = {
    id: crypto.randomUUID(), sha256: made.sha256, size: made.whole.size, type: type as Photo["type"],
    width: made.width, height: made.height, taken, place, caption: "", original: target.original,
  };
  const shut = await shutUp(made.whole, made.thumb, made.sha256);
  // The person may have gone on, or to another form, while the picture was drawn.
  if (working.value?.id !== draft.id) return;
  await keep(draft, target, photo, shut);
}

async function keep(draft: Draft, target: Target, photo: Photo, { whole, thumb, inside }: Awaited<ReturnType<typeof shutUp>>): Promise<void> {
  const { id, type, original } = photo;
  const sha256 = await digest(whole);
  const row: PhotoRow = {
    id, record: draft.record ?? draft.id, field: target.name, draft: draft.id, sha256, size: whole.size, type, original,
    shut: await forOwner(id, inside),
    guarded: target.field.sensitivity === "restricted", at: new Date().toISOString(),
    offset: 0, kept: null, fault: null, tries: 0, next: "",
  };
  const now = photosOf(working.value?.values[target.name]);
  const at = now.findIndex((one) => one.id === target.instead);
  const caption = now[at]?.caption ?? "";
  const next = at < 0 ? [...now, photo] : now.map((one, i) => (i === at ? { ...photo, caption } : one));
  await stored(target.name, next, async (tx) => {
    await tx.objectStore("files").put({ id, whole, thumb });
    await tx.objectStore("photos").put(row);
    if (target.instead) await drop(tx, target.instead, draft.id);
  });
  await readBack(id, sha256);
}

/** Take a photo out of the open form. One that its record had before goes with the save. */
export async function takeOut(name: string, id: string): Promise<void> {
  const draft = working.value;
  if (!draft) return;
  const next = photosOf(draft.values[name]).filter((one) => one.id !== id);
  await stored(name, next, (tx) => drop(tx, id, draft.id));
}

/** Only what was taken for this very form; what waits for the ward or is there stays until the save. */
async function drop(tx: Writing, id: string, draft: string): Promise<void> {
  if ((await tx.objectStore("photos").get(id))?.draft === draft) await forget(tx, id);
}

/** The form's new answer, its draft and the photo's bytes, in one strict transaction. */
async function stored(name: string, next: Photo[], also: (tx: Writing) => Promise<void>): Promise<void> {
  await answerWith(name, next.length ? next : null, async (draft) => {
    const row = await draftRow(draft);
    await write(["drafts", "photos", "files"], async (tx) => {
      await also(tx);
      await tx.objectStore("drafts").put(row);
    }).catch((error: unknown) => {
      throw isFull(error) ? new NoRoom() : error;
    });
  });
  await readPhotos();
}

/** What lies on the disk, and not what was meant to: a photo that cannot be read is no photo. */
async function readBack(id: string, sha256: string): Promise<void> {
  const file = await photoFile(id);
  if (!file?.whole || (await digest(file.whole)) !== sha256) throw new NotSaved("the phone did not keep the photo");
}

async function roomFor(size: number): Promise<void> {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
  if (quota && quota - usage < FOR_WORDS + size) throw new NoRoom();
  // The reserve was laid by where there was ample room. Where it is gone, what is left is for words.
  if (quota && photos.value.length && !(await phoneFact("reserve"))) throw new NoRoom();
}

/** When it was taken: as the camera says, else as the file's own time has it. */
function momentOf(taken: string | null, file: File): string {
  if (taken && /[+-]\d\d:\d\d$/.test(taken)) return taken;
  const local = taken ? new Date(taken) : new Date(file.lastModified || Date.now());
  return localMoment(Number.isNaN(local.getTime()) ? new Date() : local);
}
