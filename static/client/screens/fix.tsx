import { useEffect, useState } from "preact/hooks";

import { OpenField } from "../forms/form";
import { finish, keptAt, notKept, working } from "../forms/working";
import { SignButton, SignLink } from "../pieces/button";
import { showInstant } from "../pieces/dates";
import { Icon } from "../pieces/icon";
import { NotKept, whyNotSaved } from "../pieces/not-saved";
import { Note } from "../pieces/note";
import { Page } from "../pieces/page";
import { Path } from "../pieces/path";
import { Say } from "../pieces/say";
import { kindName, nameOf, specOf } from "../pieces/titles";
import { go } from "../route";
import { kit } from "../state";
import { isWriteOnly } from "../store/write-only";
import type { View } from "../types";
import { t } from "../words";
import { Answers } from "./answers";
import { Choices } from "./choice";
import { openEdit } from "./start-form";

function useCorrection(view: View) {
  useEffect(() => void openEdit(view), [view.id]);
  return working.value?.record === view.id ? working.value : null;
}

/** What was written stays shut, and so do the ward's words about it: only what it asks for is to be filled in. */
function Shut() {
  const tel = kit.value?.ward.phone;
  return (
    <>
      <Say tone="news" icon="lock">{t("phone.fix.shut")}</Say>
      {tel && <SignLink icon="call" class="wide" href={`tel:${tel}`}>{t("phone.lost.call", { tel })}</SignLink>}
    </>
  );
}

/** A returned record: the ward's words, only the pinned fields open, and the way back to the ward. */
export function Fix({ view }: { view: View }) {
  const [why, setWhy] = useState("");
  const draft = useCorrection(view);
  const spec = specOf(view.kind);
  const review = view.review;
  const pins = Object.entries(review?.pins ?? {}).filter(([name]) => spec?.fields[name]);
  const shut = isWriteOnly(view.kind);
  if (!spec) return null;
  const send = async () => {
    try {
      // What was missing before the ward looked is not a reason to hold back what it asked for.
      const id = await finish(spec, pins.map(([name]) => name));
      if (id) go(`#/saved/${id}`, true);
    } catch (error) {
      setWhy(whyNotSaved(error));
    }
  };
  return (
    <Page
      title={nameOf(view)}
      under={keptAt.value ? t("phone.form.draft.at", { at: showInstant(keptAt.value) }) : `${kindName(view.kind)} · ${showInstant(view.changedAt)}`}
      back="#/records"
      dock={
        <>
          <a class="btn" href="#/">{t("phone.later")}</a>
          {pins.length > 0 && <SignButton icon="send" class="main" onClick={() => void send()}>{t("phone.fix.send")}</SignButton>}
        </>
      }
    >
      <Path view={view} />
      {review && !shut && <Note review={review} />}
      {shut && <Shut />}
      <Choices view={view} />
      <Answers spec={spec} view={view} owner="desk" />
      {why ? <Say tone="bad" live>{why}</Say> : notKept.value && <NotKept />}
      {draft && pins.map(([name, reason], i) => (
        <section class="pinned" key={name} aria-label={`${i + 1}`}>
          <p class="row"><Icon name="edit" /> <strong class="grow">{reason || t("phone.fix.asked.all")}</strong></p>
          <OpenField spec={spec} name={name} values={draft.values} />
        </section>
      ))}
      {pins.length === 0 ? <Say tone="news">{t("phone.fix.nothing")}</Say> : !shut && <Say tone="good">{t("phone.fix.others")}</Say>}
      {!shut && <SignLink icon="edit" class="quiet" href={`#/edit/${view.id}`}>{t("phone.fix.whole")}</SignLink>}
    </Page>
  );
}
