import { useEffect, useState } from "preact/hooks";

import { SignButton } from "../pieces/button";
import { Say } from "../pieces/say";
import { CodeBox } from "./code-box";
import { type Prf, mayHave } from "./prf";
import { turnOff, turnOn, unlockByTouch } from "./touching";
import { type LockKey, t } from "./words";
import type { Lock } from "./wrap";

/** On the lock's screen: finger or face instead of the code. */
export function Open({ lock, prf }: { lock: Lock; prf: Prf }) {
  const [state, setState] = useState<"" | "busy" | "failed">("");
  const press = async () => {
    setState("busy");
    await unlockByTouch(lock, prf).catch(() => setState("failed"));
  };
  return (
    <>
      <button type="button" class="btn wide" disabled={state === "busy"} onClick={() => void press()}>{t("phone.touch.open")}</button>
      <p role="status">{state === "failed" && t("phone.touch.open.failed")}</p>
    </>
  );
}

/** Among the settings of the lock, where the phone can do it. */
export function Setting({ lock }: { lock: Lock }) {
  const [isOn, setOn] = useState(Boolean(lock.prf));
  const [may, setMay] = useState(isOn);
  useEffect(() => void mayHave().then(setMay, () => undefined), []);
  if (!may && !isOn) return null;
  return (
    <details class="fold">
      <summary>{t("phone.touch.open")}</summary>
      {isOn ? <On done={() => setOn(false)} /> : <Off done={() => setOn(true)} />}
    </details>
  );
}

function On({ done }: { done: () => void }) {
  const [failed, setFailed] = useState(false);
  return (
    <div class="stack">
      <Say tone="good" live>{t("phone.touch.is_on")}</Say>
      {failed && <Say tone="bad" live>{t("phone.lock.failed.open")}</Say>}
      <SignButton icon="close" class="wide" onClick={() => void turnOff().then(done, () => setFailed(true))}>{t("phone.touch.off")}</SignButton>
    </div>
  );
}

function Off({ done }: { done: () => void }) {
  const [code, setCode] = useState("");
  const [wrong, setWrong] = useState<LockKey | null>(null);
  const [busy, setBusy] = useState(false);
  const press = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const found = await turnOn(code).then((isRight) => (isRight ? null : ("phone.lock.change.wrong" as const)), () => "phone.touch.failed" as const);
    setBusy(false);
    setWrong(found);
    if (!found) done();
  };
  return (
    <form class="stack" onSubmit={(event) => void press(event)} noValidate>
      <p>{t("phone.touch.say")}</p>
      <Say tone="warn">{t("phone.touch.honest")}</Say>
      <CodeBox id="touch-code" kind="phrase" label="phone.lock.change.now" value={code} wrong={wrong === "phone.lock.change.wrong"} change={setCode} />
      {wrong && <Say tone="bad" live>{t(wrong)}</Say>}
      <button class="btn main wide" disabled={busy}>{t(busy ? "phone.lock.busy" : "phone.touch.on")}</button>
    </form>
  );
}
