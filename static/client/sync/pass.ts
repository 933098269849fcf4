/** A whole pass, a chunk of its own: the first screen does not wait for it. */

import { room } from "../health";
import { renew } from "../lock/reading";
import { isHeld, isOpen } from "../lock/vault";
import { device } from "../store/place";
import { layByReserve } from "../store/reserve";
import { checkDigest } from "./digest";
import { handInAfter } from "./hand-in";
import { Failed } from "./protocol";
import { sealLate } from "./sealing";
import { register } from "./signing";
import { type Surroundings, synchronize } from "./synchronize";
import { inTurn } from "./turn";

/** What a pass does besides sending and receiving. */
export interface Steps {
  /** The store has changed: read it anew. */
  changed: () => Promise<void>;
  /** Fetch the forms and who this person is, `anew` or once a day; the ward's id afterwards. */
  kit: (anew: boolean) => Promise<string>;
}

/** Send and receive when it is this tab's turn, then see whether phone and ward agree. */
export function runPass(around: Surroundings, steps: Steps): Promise<void> {
  return inTurn(around.person, async (turn) => {
    const mine = { ...around, turn };
    // The ward checks signatures: it shall know the key before what it has signed. Where this fails the pass goes on.
    await register(around.person).catch(() => undefined);
    const sealing = () => sealLate(around.person, around.now(), () => steps.kit(true));
    const waits = await sealing();
    const { reset } = await synchronize(mine).catch((error: unknown) => handIn(error, mine)).finally(steps.changed);
    // Perhaps this phone's clock was all that was wrong, and the ward has told its own now.
    if (waits && !(await sealing())) await synchronize(mine).finally(steps.changed);
    // What it holds can only be compared, and filled up, when it is open.
    if (isHeld() && (await renew(around.person, Date.now()).catch(() => false))) await synchronize(mine).finally(steps.changed);
    if (!isOpen()) return;
    const ward = await steps.kit(reset);
    if (await checkDigest(around.now(), around.person, ward)) await synchronize({ ...mine, ward }).finally(steps.changed);
    room.value = await layByReserve();
  });
}

/** The ward wants a sign-in: what waits goes through its write-only door meanwhile. Throws what is to be told. */
async function handIn(error: unknown, around: Surroundings): Promise<never> {
  if (!(error instanceof Failed) || error.status !== 401) throw error;
  return handInAfter(error, around, await device());
}
