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
import { TouchToOpen } from "./touch-later";
import type { Person } from "../types";
import type { Lock } from "./wrap";
import { t } from "./words";

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

const KEYS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** The keys of a telephone. Typing works as well: the dots are a box. */
function Pad(props: { off: boolean; press: (digit: number) => void; back: () => void; forgot: () => void; isForgot: boolean }) {
  const key = (digit: number) => <button type="button" disabled={props.off} onClick={() => props.press(digit)} key={digit}>{digit}</button>;
  return (
    <div class="pad">
      {KEYS.map(key)}
      <button type="button" class="plain" aria-expanded={props.isForgot} onClick={props.forgot}>{t("phone.lock.forgot")}</button>
      {key(0)}
      <button type="button" class="plain" aria-label={t("phone.lock.back")} disabled={props.off} onClick={props.back}><svg class="i i-l" viewBox="0 0 24 24" aria-hidden="true"><path d="M8.5 5H21v14H8.5L2.5 12zM11.5 9.5l5 5M16.5 9.5l-5 5" /></svg></button>
    </div>
  );
}

/** What is typed, and what became of the last try. */
function useCode(lock: Lock) {
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
    if (state === "busy" || seconds) return;
    setCode(typed);
    if (lock.kind === "pin" && /^\d+$/.test(typed) && typed.length === DIGITS) void press(typed);
  };
  const words = { "": "", busy: t("phone.lock.opening"), wrong: t("phone.lock.open.wrong"), failed: t("phone.lock.failed.open") };
  const said = seconds ? t("phone.lock.open.wait", { s: seconds }) : words[state];
  return { code, type, press, said, off: state === "busy" || seconds > 0 };
}

function Pin({ lock, forgot, isForgot }: { lock: Lock; forgot: () => void; isForgot: boolean }) {
  const { code, type, said, off } = useCode(lock);
  return (
    <>
      <input
        class="dots"
        id="lock"
        type="password"
        inputMode="none"
        maxLength={DIGITS}
        autocomplete="off"
        placeholder={"○".repeat(DIGITS)}
        aria-label={t("phone.lock.pin")}
        value={code}
        disabled={off}
        onInput={(event) => type(event.currentTarget.value)}
      />
      <p role="status">{said || t("phone.lock.open.pin.hint")}</p>
      <Pad off={off} press={(digit) => code.length < DIGITS && type(`${code}${digit}`)} back={() => type(code.slice(0, -1))} forgot={forgot} isForgot={isForgot} />
    </>
  );
}

function Phrase({ lock, forgot, isForgot }: { lock: Lock; forgot: () => void; isForgot: boolean }) {
  const { code, type, press, said, off } = useCode(lock);
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void press(code);
      }}
      noValidate
    >
      <CodeBox id="lock" kind="phrase" label="phone.lock.phrase" value={code} change={type} />
      <p role="status">{said}</p>
      <button class="btn main wide" disabled={off}>{t("phone.lock.open.go")}</button>
      <button type="button" class="plain" aria-expanded={isForgot} onClick={forgot}>{t("phone.lock.forgot")}</button>
    </form>
  );
}

function Forgot({ person }: { person: string }) {
  const signIn = () => {
    forgetting.value = person;
    go("#/sign-in");
  };
  return (
    <section class="card stack">
      <p>{t("phone.lock.forgot.say")}</p>
      <button type="button" class="btn wide" onClick={signIn}>{t("phone.lock.forgot.go")}</button>
    </section>
  );
}

/** Shut: her name, never a child's; what waits; the numbers to call, which need no code. */
function Unlock({ person, lock }: { person: Person; lock: Lock }) {
  const [isForgot, setForgot] = useState(false);
  const waits = syncState.value.waiting;
  const Way = lock.kind === "pin" ? Pin : Phrase;
  return (
    <div class="phone lock" data-lock="shut">
      <HideNow />
      <main class="page">
        <Icon name="nest" size="l" />
        <Heading>{t(`phone.lock.open.${lock.kind}`)}</Heading>
        <p>{[person.name, ...person.groups.map(({ name }) => t("phone.lock.group", { name }))].join(" · ")}</p>
        {lock.prf && <TouchToOpen lock={lock} prf={lock.prf} />}
        <Way lock={lock} forgot={() => setForgot(!isForgot)} isForgot={isForgot} />
        {isForgot && <Forgot person={person.id} />}
        {waits > 0 && <p>{t("phone.lock.open.kept", { n: waits })}</p>}
        <a class="plain" href="#/sign-in">{t("phone.lock.other")}</a>
      </main>
      <Sos />
    </div>
  );
}

function Choose({ person }: { person: Person }) {
  const waits = syncState.value.waiting;
  return (
    <div class="phone" data-lock="new">
      <header class="band eaves">
        <div class="row">
          <Icon name="nest" size="l" />
          <p class="name grow">Tổ Ấm</p>
          <HideNow />
        </div>
        <p>{person.name}</p>
      </header>
      <main class="page">
        <Heading>{t("phone.lock.choose.title")}</Heading>
        <p>{t("phone.lock.choose.say")}</p>
        {waits > 0 && <Say tone="news" icon="phone">{t("phone.lock.open.kept", { n: waits })}</Say>}
        <NewCode go="phone.lock.choose.go" set={(code, kind) => choose(code, kind).then(() => null)} />
        <p class="hint">{t("phone.lock.choose.honest")}</p>
      </main>
      <Sos />
    </div>
  );
}

/** Before anything of somebody's part is seen: her code, or the choice of one. */
export function LockScreen({ gate: { person, lock } }: { gate: Gate }) {
  return lock ? <Unlock person={person} lock={lock} /> : <Choose person={person} />;
}
