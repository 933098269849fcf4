/**
 * Waiting photos as part of a file of unsent work. Each is sealed as the changes are, in pieces, so that no more than
 * a piece lies in memory; what is known of it travels as a signed entry, like a change. See docs/sync-protocol.md §7.
 */

import { type Facts, type PhotoRow, use } from "../store/database";
import { photoFile, photoRows, waits } from "../store/photos";
import { photoSealer, salt } from "../sync/sealing";
import { takesPhotos } from "../sync/shut";
import { type Travelling, signed } from "../sync/signing";
import { type Going, going } from "./keys";
import { type Bytes, gathered } from "./shut";

/** What is said of a photo, and how many bytes of the file are its own, in the order of the entries. */
export interface PhotoEntry extends Travelling {
  bytes: number;
}

export interface Packed {
  entries: PhotoEntry[];
  bytes: Blob[];
  /** Their ids, so that the next file goes on after them. */
  ids: string[];
  /** How many wait for another file, and how many cannot be read here. */
  left: number;
  unreadable: number;
}

const PIECE = 1_048_576;
/** Share sheets take 50 MB: what is above this goes with the next file. */
const MOST = 40_000_000;

type Sealer = Awaited<ReturnType<typeof photoSealer>>;

/** What waits of this person's photos and is not `given` yet, as much as fits into one file. Nothing leaves the phone's store. */
export async function packed(person: string, given: ReadonlySet<string>): Promise<Packed> {
  const rows = (await photoRows(person)).filter((row) => waits(row) && !given.has(row.id));
  const made: Packed = { entries: [], bytes: [], ids: [], left: 0, unreadable: 0 };
  // Words leave in any case; photos that cannot be sealed although the ward asks for it stay here.
  const sealer = await photoSealer(person).catch(() => undefined);
  if (sealer === undefined) return { ...made, unreadable: rows.length };
  const told = (await use((db) => db.get("facts", "seal"), person)) as Facts["seal"] | undefined;
  const takesShut = takesPhotos(told);
  let room = MOST;
  for (const row of rows) {
    if (made.left || (row.size > room && made.ids.length)) {
      made.left += 1;
      continue;
    }
    const whole = await photoFile(row.id, person).then((file) => file?.whole, () => null);
    if (whole?.size !== row.size) {
      made.unreadable += 1;
      continue;
    }
    const goes = await going(row, whole, takesShut);
    const bytes = await (!goes || goes.sealed ? Promise.resolve(whole) : sealer ? sealed(sealer, row.id, goes.whole) : gathered(goes.whole, row.type)).catch(() => null);
    if (!goes || !bytes) {
      made.unreadable += 1;
      continue;
    }
    made.entries.push({ ...(await entry(sealer, row, goes, person)), bytes: bytes.size });
    made.bytes.push(bytes);
    made.ids.push(row.id);
    room -= row.size;
  }
  return made;
}

/** Each piece is put away as soon as it is sealed: the browser keeps large files on the disk. */
async function sealed(sealer: NonNullable<Sealer>, id: string, whole: Bytes): Promise<Blob> {
  const pieces: Blob[] = [];
  for (let at = 0; at < whole.size; at += PIECE) {
    const plain = new Uint8Array(await whole.slice(at, at + PIECE).arrayBuffer());
    pieces.push(new Blob([await sealer.piece(id, pieces.length, plain)]));
  }
  return new Blob(pieces);
}

async function entry(sealer: Sealer, row: PhotoRow, { whole, sha256, sealed: own }: Going, person: string): Promise<Travelling> {
  const { id, record, at, type, original } = row;
  const photo = { ...(own ? { sealed: own } : { sha256 }), size: whole.size, type, original };
  const said = JSON.stringify({ id, record, kind: "photo", seq: 0, at, photo, salt: salt() });
  const shut = sealer && (await sealer.about(said));
  const [travelling] = await signed([{ id, body: said, ...(shut && { sealed: shut }) }], person);
  return travelling!;
}
