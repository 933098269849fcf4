/** A page's whole pass, a chunk of its own: the first screen does not wait for it. */

import { room } from "../health";
import { renew } from "../lock/reading";
import { isHeld, isOpen } from "../lock/vault";
import { layByReserve } from "../store/reserve";
import { checkDigest } from "./digest";
import { type Surroundings, synchronize } from "./synchronize";
import { inTurn } from "./turn";
import { exchangeWords } from "./words";

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
    const reset = await exchangeWords(mine, { changed: steps.changed, renew: () => steps.kit(true) });
    // What it holds can only be compared, and filled up, when it is open.
    if (isHeld() && (await renew(around.person, Date.now()).catch(() => false))) await synchronize(mine).finally(steps.changed);
    if (!isOpen()) return;
    const ward = await steps.kit(reset);
    if (await checkDigest(around.now(), around.person, ward)) await synchronize({ ...mine, ward }).finally(steps.changed);
    room.value = await layByReserve();
  });
}
