/** The phone's code that runs in the simulation: what the screens use, and through it store and sync. */

import { hold } from "../../static/client/lock/vault";
import type { Lock } from "../../static/client/lock/wrap";
import * as state from "../../static/client/state";

export * as state from "../../static/client/state";
export * as changes from "../../static/client/sync/changes";

/** Everybody types her code in the moment when she is asked; what the lock does is tried elsewhere, with real keys. */
const KEY = {} as CryptoKey;
state.gate.subscribe((gate) => {
  if (!gate) return;
  hold({ data: KEY, read: KEY });
  void state.admit({ kind: "pin" } as Lock).catch(() => undefined);
});
