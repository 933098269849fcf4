/**
 * One tab sends at a time. Where the browser has locks, a tab waits for the one that holds it; a tab that was
 * frozen with the lock in its hand is not waited for. Each turn has a token in the store, renewed with every
 * answer: what a tab hears after its turn was taken over is not written down, so nothing is lost or doubled.
 */

import { type Facts, factIn, putFacts, use, write } from "../store/database";
import { isFull } from "../store/room";
import { NotOurTurn } from "./protocol";
import { leaving, stopTalking } from "./talk";

/** Longer than any single request may take. */
const STALE = 90_000;
const LOOK_AGAIN = 20_000;

/** Run a pass when it is this tab's turn. Raises NotOurTurn when another one sends, or took over meanwhile. */
export async function inTurn(person: string, pass: (token: string) => Promise<void>): Promise<void> {
  const locks = navigator.locks;
  if (!locks) return withToken(person, pass, false);
  const name = `sync ${person}`;
  const work = () => withToken(person, pass, true);
  const left = leaving();
  let before: Facts["turn"] | undefined = { token: "", at: Date.now() };
  while (!(await waited(locks, name, work, left))) {
    if (left.aborted) throw new NotOurTurn("somebody leaves");
    const turn = await turnOf(person);
    // Without a token its holder just begins or ends; unless it was so the last time as well.
    const holds = turn ? !isStale(turn) : Boolean(before);
    before = turn;
    if (holds) continue;
    // Its holder has been silent for longer than a request can last: frozen, or dead.
    await locks.request(name, { steal: true }, work).catch(whenStolen);
    return;
  }
}

/** Run within the lock; false when it did not come in time. */
async function waited(locks: LockManager, name: string, work: () => Promise<void>, left: AbortSignal): Promise<boolean> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), LOOK_AGAIN);
  const leave = () => patience.abort();
  left.addEventListener("abort", leave);
  let begun = false;
  const begin = () => {
    begun = true;
    clearTimeout(timer);
    return work();
  };
  await locks.request(name, { signal: patience.signal }, begin).catch((error: unknown) => {
    if (begun) whenStolen(error);
    else if (!isAbort(error)) throw error;
  }).finally(() => {
    clearTimeout(timer);
    left.removeEventListener("abort", leave);
  });
  return begun;
}

/** The lock was taken from this tab: its request on the way is of no use any more. */
function whenStolen(error: unknown): never {
  if (!isAbort(error)) throw error;
  stopTalking();
  throw new NotOurTurn("another tab took over");
}

const isAbort = (error: unknown) => error instanceof DOMException && error.name === "AbortError";

const turnOf = (person: string) => use((db) => db.get("facts", "turn"), person) as Promise<Facts["turn"] | undefined>;

const isStale = (turn: Facts["turn"] | undefined) => !turn || Math.abs(Date.now() - turn.at) > STALE;

/** Run a pass under a token of its own; whoever has the lock need not ask whether another turn still runs. */
async function withToken(person: string, pass: (token: string) => Promise<void>, locked: boolean): Promise<void> {
  const token = crypto.randomUUID();
  const take = () => write(["facts"], async (tx) => {
    if (!locked && !isStale(await factIn(tx, "turn"))) throw new NotOurTurn("another tab sends");
    await putFacts(tx, { turn: { token, at: Date.now() } });
  }, person);
  // On a full phone the lock alone has to do: what waits here shall reach the ward, and the reserve is for what is typed.
  const turn = await take().then(() => token, (error: unknown) => {
    if (!locked || !isFull(error)) throw error;
    return "";
  });
  try {
    await pass(turn);
  } finally {
    await write(["facts"], async (tx) => {
      if ((await factIn(tx, "turn"))?.token === token) await putFacts(tx, { turn: null });
    }, person).catch(() => undefined);
  }
}
