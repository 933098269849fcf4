import { useState } from "preact/hooks";

import { lang } from "../i18n";
import { SignButton, SignLink } from "../pieces/button";
import { Icon } from "../pieces/icon";
import { Page } from "../pieces/page";
import { Say } from "../pieces/say";
import { go } from "../route";
import { drafts, people, photosWait, session, setLanguage, signOut, switchPerson, syncState } from "../state";
import { t } from "../words";
import { Export } from "./export";
import { WithLock } from "./with-lock";
import { theme, wear } from "./seen";

declare const BUILD: string;

function Choice<T extends string>(props: { legend: string; options: [T, string][]; chosen: T; choose: (one: T) => void }) {
  return (
    <fieldset class="field">
      <legend>{props.legend}</legend>
      <div class="chips">
        {props.options.map(([value, words]) => (
          <label class="chip" key={value}>
            <input type="radio" name={props.legend} checked={props.chosen === value} onChange={() => props.choose(value)} />
            <span>{words}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Others() {
  const others = people.value.filter((one) => one.id !== session.value?.id);
  const turn = async (id: string) => {
    await switchPerson(id);
    go("#/", true);
  };
  return (
    <section class="stack">
      <h2>{t("phone.me.switch")}</h2>
      <p>{t("phone.me.switch.say")}</p>
      {others.map((one) => (
        <SignButton icon="user" class="wide" onClick={() => void turn(one.id)} key={one.id}>
          {t("phone.me.switch.to", { name: one.name })}
        </SignButton>
      ))}
      <SignLink icon="plus" class="wide" href="#/sign-in">
        {t("phone.me.switch.new")}
      </SignLink>
    </section>
  );
}

function SignOut() {
  const person = session.value!;
  const waiting = syncState.value.waiting;
  const pictures = photosWait.value.length;
  const stays = waiting + drafts.value.length + pictures;
  const [failed, setFailed] = useState(false);
  const leave = () => signOut().then(() => go("#/sign-in", true), () => setFailed(true));
  return (
    <section class="stack">
      <h2>{t("phone.me.out.title")}</h2>
      <p>
        {stays ? t("phone.me.out.some", { n: waiting, drafts: drafts.value.length, pictures, name: person.name }) : t("phone.me.out.none")}
      </p>
      <SignButton icon="key" class="stop wide" onClick={() => void leave()}>
        {t("phone.me.out")}
      </SignButton>
      {failed && <Say tone="warn" live>{t("phone.strip.wait")}</Say>}
    </section>
  );
}

/** Who is using this phone, how it speaks and looks, and how to leave. */
export function Me() {
  const person = session.value!;
  const group = person.groups.map((one) => one.name).join(", ");
  return (
    <Page title={person.name} under={t("phone.me.groups", { group, ward: person.ward.name })}>
      <Choice
        legend={t("phone.me.language")}
        options={[["vi", t("phone.lang.vi")], ["en", t("phone.lang.en")]]}
        chosen={lang.value}
        choose={(one) => void setLanguage(one)}
      />
      <Choice
        legend={t("phone.me.theme")}
        options={[["auto", t("phone.me.theme.auto")], ["light", t("phone.me.theme.light")], ["dark", t("phone.me.theme.dark")]]}
        chosen={theme.value}
        choose={wear}
      />
      <SignLink icon="send" class="wide" href="#/sync">
        {t("phone.title.sync")}
      </SignLink>
      <SignLink icon="phone" class="wide" href="#/phone">
        {t("phone.title.phone")}
      </SignLink>
      <section class="stack">
        <h2>{t("phone.hide")}</h2>
        <p>{t("phone.hide.say")}</p>
        <WithLock draw={(part) => <><part.ChangeCode /><part.TouchSetting /></>} />
      </section>
      <Export />
      <Others />
      <SignOut />
      <p class="hint row">
        <Icon name="info" /> {t("phone.me.version", { build: BUILD })}
      </p>
    </Page>
  );
}
