/**
 * What the service worker sends by itself, when there is signal and nobody looks at a page: the pass of a phone that is
 * shut, with the same turn, the same receipts and the same photos' lane. It holds no key that opens anything. A file of
 * its own, which the worker reads when it is needed (see service_worker/sw.ts).
 */

import { Lane } from "../photos/lane";
import { send } from "../photos/tus";
import { choose, fact, people, phoneFact } from "../store/database";
import { photoRows, waits } from "../store/photos";
import { knowForms } from "../store/write-only";
import type { Person } from "../types";
import { Failed, NotOurTurn, Offline } from "./protocol";
import { inTurn } from "./turn";
import { exchangeWords } from "./words";

/** Send what waits on this phone. Rejects when it is worth trying again. */
export async function sendAlone(app: string): Promise<void> {
  const person = await whoIsHere();
  if (!person) return;
  const tabs = new BroadcastChannel("to-am");
  await choose(person.id);
  try {
    knowForms((await fact("kit"))?.kinds ?? []);
    const around = { app, person: person.id, ward: person.ward.id, now: () => new Date() };
    const steps = { changed: async () => tabs.postMessage("changed"), renew: async () => undefined };
    await inTurn(person.id, (turn) => exchangeWords({ ...around, turn }, steps).then(() => undefined));
    await sendPhotos(person.id);
    tabs.postMessage("changed");
  } catch (error) {
    // Somebody has to sign in, or a page sends: nothing for the worker to try again.
    if (!(error instanceof NotOurTurn) && !(error instanceof Failed && error.status === 401)) throw error;
  } finally {
    tabs.close();
    // A store that nobody uses stands in no update's way.
    await choose(null);
  }
}

/** Who uses this phone; null when nobody is signed in, and before anybody was: then no store is made. */
async function whoIsHere(): Promise<Person | null> {
  const current = await phoneFact<string | null>("current");
  return (current && (await people()).find(({ id }) => id === current)) || null;
}

async function sendPhotos(person: string): Promise<void> {
  // Whoever else takes the phone meanwhile does not send this person's pictures under her own sign-in.
  const sender: typeof send = async (...given) => {
    if ((await whoIsHere())?.id !== person) throw new Failed("sign_in_needed", 401);
    return send(...given);
  };
  if (!(await photoRows(person)).some(waits)) return;
  const lane = new Lane(async () => undefined, () => undefined, sender);
  await lane.go(person);
  // No timers: the browser wakes the worker again, if this run ends badly.
  lane.pause();
  if ((await photoRows(person)).some((row) => waits(row) && !row.fault)) throw new Offline("photos wait");
}
