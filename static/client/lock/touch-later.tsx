import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { fact } from "../store/database";
import { isAlone } from "./opening";
import type { Prf } from "./prf";
import type { Lock } from "./wrap";

type Part = typeof import("./touch");

function Later({ draw }: { draw: (part: Part) => ComponentChildren }) {
  const [part, setPart] = useState<Part | null>(null);
  useEffect(() => void import("./touch").then(setPart, () => undefined), []);
  return part && <>{draw(part)}</>;
}

/** On the lock's screen, if its owner turned it on. */
export function TouchToOpen({ lock, prf }: { lock: Lock; prf: Prf }) {
  return isAlone() ? <Later draw={(part) => <part.Open lock={lock} prf={prf} />} /> : null;
}

/** Among the lock's settings; nothing of it where the browser knows no passkeys. */
export function TouchSetting() {
  const [lock, setLock] = useState<Lock | null>(null);
  useEffect(() => void fact("lock").then((found) => setLock(found ?? null), () => undefined), []);
  if (!lock || !("PublicKeyCredential" in window) || !isAlone()) return null;
  return <Later draw={(part) => <part.Setting lock={lock} />} />;
}
