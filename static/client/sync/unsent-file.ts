/** Unsent work as a file: the last resort, when this phone can neither send nor hand in. */

import { type PhotoEntry, packed } from "../photos/packet";
import { fact } from "../store/database";
import { waiting } from "../store/outbox";
import { rescue } from "../store/rescue";
import type { Draft } from "../types";
import { currentSealer, sealLate } from "./sealing";
import { type Travelling, signed } from "./signing";

/** What the ward's desk reads back; see docs/sync-protocol.md. Drafts are for people to read, never taken as changes. */
export interface UnsentFile {
  /** The second has sealed changes, which nobody reads on the way; after the third's text come the bytes of photos. */
  format: "to-am-unsent/1" | "to-am-unsent/2" | "to-am-unsent/3";
  person: string;
  device: string;
  app: string;
  made: string;
  changes: Travelling[];
  drafts?: (Draft | Travelling)[];
  photos?: PhotoEntry[];
}

/** What became of giving out: `ids` are the photos of this file, `left` those for which another one is needed. */
export interface Given {
  done: boolean;
  ids: string[];
  left: number;
  unreadable: number;
}

/**
 * Give what is unsent out of hand, with these drafts, and with the photos that wait, but for those `given` before;
 * null: without photos. A file that only goes on with photos has nothing else in it.
 */
export async function giveOut(person: string, app: string, drafts: Draft[], given: ReadonlySet<string> | null): Promise<Given> {
  const { entries = [], bytes = [], ids = [], left = 0, unreadable = 0 } = given ? await packed(person, given) : {};
  const file = await unsentFile(person, app, new Date(), given?.size ? [] : drafts);
  if (given?.size) file.changes = [];
  const done = await handOver(entries.length ? { ...file, format: "to-am-unsent/3", photos: entries } : file, bytes);
  return { done, ids, left, unreadable };
}

/**
 * Everything that waits for a receipt, signed, with `drafts` beside it when there are any; sealed, drafts too, where the
 * ward has told a key. Nothing leaves the outbox.
 */
export async function unsentFile(person: string, app: string, made: Date, drafts: Draft[]): Promise<UnsentFile> {
  await sealLate(person, made, async () => undefined).catch(() => undefined);
  // A store that this page cannot open any more (a newer version took over) is read as it lies.
  const lies = () => rescue(person, app);
  const changes = await waiting(person).then((entries) => signed(entries, person), async () => (await lies()).changes);
  const also = await Promise.all(drafts.map((draft) => sealedDraft(person, draft)));
  return {
    format: [...changes, ...also].some((one) => "head" in one) ? "to-am-unsent/2" : "to-am-unsent/1",
    person,
    device: (await fact("device").catch(async () => (await lies()).device)) ?? "",
    app,
    made: made.toISOString(),
    changes,
    ...(also.length ? { drafts: also } : {}),
  };
}

/** A draft as only the ward can read it; as it is where there is no key to seal to. */
async function sealedDraft(person: string, draft: Draft): Promise<Draft | Travelling> {
  const seal = await currentSealer(person).catch(() => null);
  if (!seal) return draft;
  const { id, record, kind, savedAt, values } = draft;
  const { sealed } = await seal(JSON.stringify({ id, record, kind, seq: 0, at: savedAt, draft: values }), undefined);
  return { body: sealed.text, key: sealed.key, head: sealed.head };
}

/**
 * Give a file out of hand: by the share sheet where there is one that takes files, else as a download.
 * False when the person closed the sheet. The name says nothing of what is inside.
 */
export async function handOver(file: UnsentFile, photos: Blob[] = []): Promise<boolean> {
  const [text, name] = [JSON.stringify(file), `to-am-${file.made.slice(0, 10)}`];
  const parts = photos.length ? [`${text}\n`, ...photos] : [text];
  // Chromium shares no .json; as plain text it does, and the desk reads either.
  const shapes = [photos.length ? ["bin", "application/octet-stream"] : ["json", "application/json"], ["txt", "text/plain"]] as const;
  const files = shapes.map(([end, type]) => new File(parts, `${name}.${end}`, { type }));
  const shared = isTouched() ? files.find((one) => navigator.canShare?.({ files: [one] })) : undefined;
  if (shared) {
    try {
      await navigator.share({ files: [shared] });
      return true;
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return false;
      // The sheet did not open (too long after the tap, a policy): a download always works.
    }
  }
  download(files[0]!);
  return true;
}

/** On a PC a file in the download folder is what people expect. */
function isTouched(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}

function download(file: File): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
