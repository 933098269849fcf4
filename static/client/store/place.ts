/** A person's place on this phone: its id and its numbers. Made once, kept for ever, noticed when it is gone. */

import { raise } from "./alarms";
import { type Mark, compare, mark, marks } from "./canary";
import { type Writing, factIn, putFacts, use, write } from "./database";

/**
 * Take the place of the chosen person, or make it (under the id `made`), and compare it with what is remembered
 * outside. After a loss the numbers go on behind the highest known one, and everything is asked for again.
 */
export async function takePlace(person: string, now: Date, made: string = crypto.randomUUID()): Promise<Mark> {
  const known = await marks(person);
  const place = await write(["facts", "outbox", "sent"], async (tx) => {
    const here = await standing(tx);
    const found = compare(here, known);
    const device = here?.device ?? known[0]?.device ?? made;
    const seq = Math.max(here?.seq ?? 0, known[0]?.device === device ? known[0].seq : 0);
    if (found.is === "fine") return { device, seq };
    await putFacts(tx, { device, seq });
    const { is } = found;
    if (is !== "new") {
      await putFacts(tx, { cursor: null, digestDay: null });
      await raise(tx, { kind: is, at: now.toISOString(), from: found.from, to: found.to });
    }
    return { device, seq };
  }, person);
  await mark(person, place);
  return place;
}

/** What this database says of itself: null when nobody has ever used it. */
async function standing(tx: Writing): Promise<Mark | null> {
  const device = await factIn(tx, "device");
  if (!device) return null;
  const fact = (await factIn(tx, "seq")) ?? 0;
  const waiting = await tx.objectStore("outbox").openKeyCursor(null, "prev");
  const sent = await tx.objectStore("sent").index("seq").openKeyCursor(null, "prev");
  return { device, seq: Math.max(fact, Number(waiting?.key ?? 0), Number(sent?.key ?? 0)) };
}

/** The ward knows of a higher number than this database: it was rolled back, and its numbers go on behind that. True then. */
export async function heedWard(tx: Writing, last: number | undefined, now: string): Promise<boolean> {
  const seq = (await factIn(tx, "seq")) ?? 0;
  if (last === undefined || last <= seq) return false;
  await putFacts(tx, { seq: last, cursor: null, digestDay: null });
  await raise(tx, { kind: "rolled_back", at: now, from: seq + 1, to: last });
  return true;
}

/** This phone's id for the chosen person. */
export async function device(): Promise<string> {
  return ((await use((db) => db.get("facts", "device"))) as string | undefined) ?? "";
}
