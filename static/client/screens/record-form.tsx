import { useEffect, useState } from "preact/hooks";

import { FormPart } from "../forms/form";
import { isDanger, isDone, liveSections } from "../forms/layout";
import { Stepper } from "../forms/stepper";
import { answerDraft, discard, finish, keptAt, missing, notKept, shown, stillMissing, working } from "../forms/working";
import { trouble } from "../health";
import { t, w } from "../i18n";
import { later } from "../later";
import { SignButton } from "../pieces/button";
import { DangerBlock } from "../pieces/calls";
import { isoDay, showInstant } from "../pieces/dates";
import { Icon } from "../pieces/icon";
import { NotKept, whyNotSaved } from "../pieces/not-saved";
import { Page } from "../pieces/page";
import { Say } from "../pieces/say";
import { specOf } from "../pieces/titles";
import { updateReady } from "../app-update";
import { go } from "../route";
import { exportUnsent } from "../state";
import type { Draft, FormSpec, Section } from "../types";

/** What the bar says about the draft. */
export function draftNote(): string {
  return keptAt.value ? t("phone.form.draft.at", { at: showInstant(keptAt.value) }) : t("phone.form.draft.auto");
}

/** Bring a field into view and put the keyboard there. */
export function focusField(name: string): void {
  const control = document.getElementById(`f-${name}`) ?? document.querySelector<HTMLElement>(`#f-${name}-g input, #f-${name}-g button, #f-${name}-g a`);
  control?.focus();
  (control?.closest(".field") ?? control)?.scrollIntoView({ block: "center" });
}

function DiscardDraft() {
  const [asked, setAsked] = useState(false);
  const yes = async () => {
    await discard();
    go("#/", true);
  };
  if (!asked) return <SignButton icon="close" class="quiet" onClick={() => setAsked(true)}>{t("phone.form.discard")}</SignButton>;
  return (
    <Say tone="warn">
      <p>{t("phone.form.discard.sure")}</p>
      <div class="chips">
        <button type="button" class="btn stop" onClick={() => void yes()}>{t("phone.form.discard.yes")}</button>
        <button type="button" class="btn" onClick={() => setAsked(false)}>{t("phone.form.discard.no")}</button>
      </div>
    </Say>
  );
}

/** Save and go to what was saved; or stay at the first answer that is missing. */
function useSave(spec: FormSpec, sections: Section[], href: (step: number) => string) {
  const [state, setState] = useState<"" | "saving">("");
  const [why, setWhy] = useState("");
  const press = async () => {
    setState("saving");
    setWhy("");
    try {
      const back = working.value?.returnTo;
      const id = await finish(spec);
      if (id && back) await answerDraft(back.draft, back.field, id);
      if (id) return go(back ? `#/form/${back.draft}/1` : `#/saved/${id}`, true);
      setState("");
      const first = [...missing.value][0]!;
      go(href(Math.max(0, sections.findIndex((section) => section.fields.includes(first)))), true);
      requestAnimationFrame(() => requestAnimationFrame(() => focusField(first)));
    } catch (error) {
      setState("");
      setWhy(whyNotSaved(error));
    }
  };
  return { state, why, press };
}

function Dock(props: { sections: Section[]; at: number; href: (step: number) => string; edits: boolean; saving: boolean; press: () => void }) {
  const { sections, at, href } = props;
  const last = at === sections.length - 1;
  const save = (main: boolean) => (
    <button type="button" class={main ? "btn main" : "btn"} onClick={props.press} disabled={props.saving}>
      {t(props.saving ? "phone.form.saving" : "phone.form.save")}
    </button>
  );
  return (
    <>
      {at > 0 && (
        <a class="btn" href={href(at - 1)} aria-label={t("phone.form.previous", { name: w(sections[at - 1]!.label) })}>
          <Icon name="back" />
        </a>
      )}
      {!last && props.edits && save(false)}
      {last ? save(true) : (
        <a class="btn main" href={href(at + 1)}>
          <span>{t("phone.form.next", { name: w(sections[at + 1]!.label) })}</span> <Icon name="next" />
        </a>
      )}
    </>
  );
}

/** A form, drawn wholly from its spec, one part at a time. `step` counts from 0. */
export function RecordForm({ draft, step }: { draft: Draft; step: number }) {
  const spec = specOf(draft.kind)!;
  const sections = liveSections(spec, draft.values, isoDay());
  const at = Math.min(Math.max(step, 0), sections.length - 1);
  const href = (n: number) => `#/form/${draft.id}/${n + 1}`;
  const { state, why, press } = useSave(spec, sections, href);
  const lacking = new Set(stillMissing(spec, draft.values));
  // GPS takes its time: it begins with the form, not with the press on its button.
  useEffect(() => (spec.place ? later.value?.warmPlace() : undefined), [draft.id]);
  useEffect(() => {
    if (draft.section !== at) working.value = { ...draft, section: at };
  }, [at]);
  return (
    <Page
      title={w(spec.menu)}
      under={draftNote()}
      back={draft.returnTo ? `#/form/${draft.returnTo.draft}/1` : draft.record ? `#/record/${draft.record}` : "#/"}
      above={<Stepper sections={sections} at={at} href={href} done={sections.map((part) => isDone(spec, part, draft.values, lacking))} />}
      dock={<Dock sections={sections} at={at} href={href} edits={draft.record !== null} saving={state === "saving"} press={() => void press()} />}
    >
      {((spec.callsFirst && at === 0) || isDanger(spec, draft.values, isoDay())) && <DangerBlock />}
      {why ? (
        <Say tone="bad" live>
          <p>{why}</p>
          <button type="button" class="btn" onClick={() => void exportUnsent([shown(draft)]).catch(() => undefined)}>{t("phone.form.to_file")}</button>
        </Say>
      ) : trouble.value === "superseded" ? (
        <Say tone="warn" live>{t("phone.form.not_saved.newer")}</Say>
      ) : notKept.value && <NotKept />}
      {missing.value.size > 0 && (
        <Say tone="bad" live>{t(missing.value.size === 1 ? "phone.form.missing.one" : "phone.form.missing", { n: missing.value.size })}</Say>
      )}
      {draft.returnTo && at === 0 && <p class="hint">{t("phone.pick.return")}</p>}
      <FormPart spec={spec} section={sections[at]!} values={draft.values} key={sections[at]!.id} />
      {spec.sharing === "author" && at === 0 && <Say tone="news" icon="lock">{t("phone.form.author")}</Say>}
      {updateReady.value && <p class="hint">{t("phone.update.wait")}</p>}
      {keptAt.value !== null && <DiscardDraft />}
    </Page>
  );
}
