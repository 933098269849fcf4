import { useState } from "preact/hooks";

import { lang, t } from "../i18n";
import { Sos } from "../pieces/calls";
import { Heading } from "../pieces/heading";
import { HideNow } from "../pieces/hide-now";
import { Icon } from "../pieces/icon";
import { Say } from "../pieces/say";
import { go } from "../route";
import { Failed, Offline, forgotten, people, session, setLanguage, signIn, switchPerson, syncState } from "../state";

type Way = "code" | "phone";

/** Codes are read aloud and typed: spaces, dashes and small letters make no difference. */
function tidyCode(typed: string): string {
  const letters = typed.toUpperCase().replace(/[^A-Z0-9]/g, "");
  return letters.length > 4 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : letters;
}

function reasonWords(error: unknown): string {
  if (error instanceof Offline) return t("phone.signin.offline");
  // The ward says in words what is wrong.
  return (error instanceof Failed && error.detail) || t("phone.signin.failed");
}

function useSignIn(way: Way, fields: { code: string; phone: string; passphrase: string }) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const press = async (event: Event) => {
    event.preventDefault();
    const { code, phone, passphrase } = fields;
    if (way === "code" ? !code.trim() : !phone.trim() || !passphrase) return setWrong(t("phone.signin.empty"));
    setBusy(true);
    setWrong("");
    try {
      await signIn(way === "code" ? { code: tidyCode(code) } : { phone: phone.trim(), passphrase });
      go("#/", true);
    } catch (error) {
      setWrong(reasonWords(error));
      setBusy(false);
    }
  };
  return { busy, wrong, press };
}

function ByCode(props: { value: string; change: (text: string) => void }) {
  return (
    <div class="field">
      <label for="code">{t("phone.signin.code")}</label>
      <p class="hint" id="code-h">{t("phone.signin.code.hint")}</p>
      <input
        class="in code num"
        id="code"
        autocomplete="one-time-code"
        autocapitalize="characters"
        spellcheck={false}
        aria-describedby="code-h"
        value={props.value}
        onInput={(event) => props.change(event.currentTarget.value)}
      />
    </div>
  );
}

function ByPhone(props: { phone: string; passphrase: string; setPhone: (text: string) => void; setPassphrase: (text: string) => void }) {
  const [shown, setShown] = useState(false);
  const box = {
    class: "in",
    id: "passphrase",
    autocomplete: "current-password",
    autocapitalize: "none",
    spellcheck: false,
    "aria-describedby": "pass-h",
    value: props.passphrase,
    onInput: (event: Event) => props.setPassphrase((event.target as HTMLInputElement).value),
  } as const;
  return (
    <>
      <div class="field">
        <label for="phone">{t("phone.signin.phone")}</label>
        <input class="in num" id="phone" type="tel" autocomplete="username" value={props.phone} onInput={(event) => props.setPhone(event.currentTarget.value)} />
      </div>
      <div class="field">
        <label for="passphrase">{t("phone.signin.passphrase")}</label>
        <p class="hint" id="pass-h">{t("phone.signin.passphrase.hint")}</p>
        {shown ? <input type="text" {...box} /> : <input type="password" {...box} />}
        <label class="chip below">
          <input type="checkbox" checked={shown} onChange={() => setShown(!shown)} />
          <span>{t("phone.signin.show")}</span>
        </label>
      </div>
    </>
  );
}

function Others() {
  const others = people.value.filter((one) => one.id !== session.value?.id);
  if (!others.length) return null;
  return (
    <section class="stack">
      <h2>{t("phone.signin.other")}</h2>
      {others.map((one) => (
        <button type="button" class="btn wide" key={one.id} onClick={() => void switchPerson(one.id).then(() => go("#/", true))}>
          <Icon name="user" /> {one.name}
        </button>
      ))}
    </section>
  );
}

function Top() {
  const other = lang.value === "vi" ? "en" : "vi";
  return (
    <header class="band eaves">
      <div class="row">
        <Icon name="nest" size="l" />
        <div class="grow">
          <p class="name">Tổ Ấm</p>
        </div>
        <HideNow />
        <button type="button" class="lang" lang={other} onClick={() => void setLanguage(other)}>
          {t(other === "en" ? "phone.lang.en" : "phone.lang.vi")}
        </button>
      </div>
      <p>{t("phone.signin.lead")}</p>
    </header>
  );
}

/** The first sign-in on this phone, and the one after a session ended. Once is enough, with signal. */
export function SignIn({ code: given }: { code: string }) {
  const [way, setWay] = useState<Way>(given || !session.value ? "code" : "phone");
  const [code, setCode] = useState(given);
  const [phone, setPhone] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const { busy, wrong, press } = useSignIn(way, { code, phone, passphrase });
  const waiting = syncState.value.waiting;
  return (
    <div class="phone">
      <Top />
      <main class="page">
        <Heading>{t("phone.title.sign_in")}</Heading>
        {session.value && waiting > 0 && (
          <Say tone="news" icon="phone">
            {t("phone.signin.kept", { n: waiting })} <a href="#/sync">{t("phone.title.sync")}</a>
          </Say>
        )}
        {forgotten.value && <Say tone="warn">{t("phone.signin.forgotten")}</Say>}
        <div class="chips" role="group" aria-label={t("phone.title.sign_in")}>
          {(["code", "phone"] as const).map((one) => (
            <button type="button" class={way === one ? "pick set" : "pick"} aria-pressed={way === one} onClick={() => setWay(one)} key={one}>
              {t(one === "code" ? "phone.signin.by_code" : "phone.signin.by_phone")}
            </button>
          ))}
        </div>
        <form onSubmit={(event) => void press(event)} noValidate>
          {way === "code" ? (
            <ByCode value={code} change={setCode} />
          ) : (
            <ByPhone phone={phone} passphrase={passphrase} setPhone={setPhone} setPassphrase={setPassphrase} />
          )}
          {wrong && <Say tone="bad" live>{wrong}</Say>}
          <button class="btn main wide" disabled={busy}>
            {t(busy ? "phone.signin.busy" : "phone.signin.go")}
          </button>
        </form>
        <p class="hint">{t("phone.signin.help")}</p>
        <Others />
      </main>
      <Sos />
    </div>
  );
}
