import { useEffect, useState } from "preact/hooks";

import { Sos } from "../pieces/calls";
import { Heading } from "../pieces/heading";
import { HideNow } from "../pieces/hide-now";
import { Icon } from "../pieces/icon";
import { Say } from "../pieces/say";
import { go } from "../route";
import { type Gate, forgetting, syncState } from "../state";
import { NewCode } from "./choosing";
import { CodeBox } from "./code-box";
import { DIGITS } from "./codes";
import { choose, unlock, waiting } from "./opening";
import type { Lock } from "./wrap";
import { t } from "./words";

function Top() {
  return (
    <header class="band eaves">
      <div class="row">
        <Icon name="nest" size="l" />
        <p class="name grow">Tổ Ấm</p>
        <HideNow />
      </div>
    </header>
  );
}

/** Seconds until the next try, counted down; 0 when there is nothing to wait for. */
function useWait(): [number, () => Promise<void>] {
  const [seconds, setSeconds] = useState(0);
  const look = async () => setSeconds(Math.ceil((await waiting()) / 1000));
  useEffect(() => void look(), []);
  useEffect(() => {
    if (!seconds) return;
    const timer = setTimeout(() => void look(), 1000);
    return () => clearTimeout(timer);
  }, [seconds]);
  return [seconds, look];
}

function Unlock({ lock }: { lock: Lock }) {
  const [code, setCode] = useState("");
  const [state, setState] = useState<"" | "busy" | "wrong" | "failed">("");
  const [seconds, look] = useWait();
  const press = async (typed: string) => {
    if (!typed || state === "busy" || seconds) return;
    setState("busy");
    const done = await unlock(lock, typed).catch(() => null);
    if (done) return;
    await look();
    setState(done === null ? "failed" : "wrong");
    setCode("");
  };
  const type = (typed: string) => {
    setCode(typed);
    if (lock.kind === "pin" && /^\d+$/.test(typed) && typed.length === DIGITS) void press(typed);
  };
  const said = seconds ? t("phone.lock.open.wait", { s: seconds }) : state === "wrong" ? t("phone.lock.open.wrong") : state === "failed" ? t("phone.lock.failed.open") : "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void press(code);
      }}
      noValidate
    >
      <CodeBox id="lock" kind={lock.kind} label={`phone.lock.${lock.kind}`} hint={lock.kind === "pin" ? "phone.lock.open.pin.hint" : undefined} value={code} wrong={state === "wrong"} change={type} />
      {said && <Say tone="bad" live>{said}</Say>}
      <button class="btn main wide" disabled={state === "busy" || seconds > 0}>{t(state === "busy" ? "phone.lock.opening" : "phone.lock.open.go")}</button>
    </form>
  );
}

function Forgot({ person }: { person: string }) {
  const signIn = () => {
    forgetting.value = person;
    go("#/sign-in");
  };
  return (
    <details class="fold">
      <summary>
        <Icon name="down" />
        {t("phone.lock.forgot")}
      </summary>
      <div class="stack">
        <p>{t("phone.lock.forgot.say")}</p>
        <button type="button" class="btn wide" onClick={signIn}>{t("phone.lock.forgot.go")}</button>
      </div>
    </details>
  );
}

/** Before anything of somebody's part is seen: her code, or the choice of one. The numbers to call need none. */
export function LockScreen({ gate: { person, lock } }: { gate: Gate }) {
  const waits = syncState.value.waiting;
  return (
    <div class="phone" data-lock={lock ? "shut" : "new"}>
      <Top />
      <main class="page">
        <Heading>{t(lock ? "phone.lock.open.title" : "phone.lock.choose.title")}</Heading>
        <p>{t("phone.lock.open.who", { name: person.name })}</p>
        {lock ? <Unlock lock={lock} /> : (
          <>
            <p>{t("phone.lock.choose.say")}</p>
            <NewCode go="phone.lock.choose.go" set={async (code, kind) => choose(code, kind).then(() => null)} />
            <p class="hint">{t("phone.lock.choose.honest")}</p>
          </>
        )}
        {waits > 0 && <Say tone="news" icon="phone">{t("phone.lock.open.kept", { n: waits })}</Say>}
        {lock && <Forgot person={person.id} />}
        <a class="btn quiet wide" href="#/sign-in">{t("phone.lock.other")}</a>
      </main>
      <Sos />
    </div>
  );
}
