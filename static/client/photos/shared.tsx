import { useEffect, useState } from "preact/hooks";

import { begin, firstAnswers, resume, working } from "../forms/working";
import { w } from "../i18n";
import { SignButton } from "../pieces/button";
import { Empty, Page } from "../pieces/page";
import { Say } from "../pieces/say";
import { kindName, specOf, titleOf } from "../pieces/titles";
import { go } from "../route";
import { drafts, kit } from "../state";
import type { Draft, FormSpec } from "../types";
import { type LaterKey, t } from "../words";
import { whyNot } from "./input";
import { take } from "./take";

/** Where the worker lays by what was shared; what nobody asked for within a day goes. */
const LAID_BY = "shared";
const DAY = 86_400_000;

interface Laid {
  key: string;
  file: File;
  url: string;
}

/** What was shared into the app and not used yet. */
async function laidBy(): Promise<Laid[]> {
  const cache = await caches.open(LAID_BY);
  const found: Laid[] = [];
  for (const request of await cache.keys()) {
    const answer = await cache.match(request);
    const blob = await answer!.blob();
    const [when, changed] = ["Date", "Last-Modified"].map((name) => Date.parse(answer!.headers.get(name) ?? "") || Date.now());
    if (Date.now() - when! > DAY) await cache.delete(request);
    else found.push({ key: request.url, file: new File([blob], "", { type: blob.type, lastModified: changed! }), url: URL.createObjectURL(blob) });
  }
  return found;
}

const fieldOf = (spec?: FormSpec) => Object.entries(spec?.fields ?? {}).find(([, field]) => field.widget === "photos" && field.owner === "phone");

/** Take them into the form that is open now; what went wrong with the last one that did. */
async function into(laid: Laid[], spec: FormSpec): Promise<LaterKey | null> {
  const [name, field] = fieldOf(spec)!;
  const cache = await caches.open(LAID_BY);
  let wrong: LaterKey | null = null;
  for (const { key, file } of laid) {
    await take(file, { name, field, original: false }).then(() => cache.delete(key), (error: unknown) => (wrong = whyNot(error)));
  }
  return wrong;
}

/** Pictures that came from the phone's gallery: what are they for? */
export function Shared() {
  const [laid, setLaid] = useState<Laid[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<LaterKey | null>(null);
  const look = () => void laidBy().then(setLaid, () => setLaid([]));
  useEffect(look, []);
  useEffect(() => () => laid?.forEach(({ url }) => URL.revokeObjectURL(url)), [laid]);
  const use = async (draft: Draft, spec: FormSpec) => {
    setBusy(true);
    const said = await into(laid!, spec);
    setBusy(false);
    const step = spec.sections.findIndex((section) => section.fields.includes(fieldOf(spec)![0]));
    if (!said && working.value?.id === draft.id) return go(`#/form/${draft.id}/${step + 1}`, true);
    setWrong(said);
    look();
  };
  const start = (spec: FormSpec) => void use(begin(spec.kind, { values: firstAnswers(spec) }), spec);
  const goOn = async (draft: Draft, spec: FormSpec) => void ((await resume(draft.id)) && (await use(working.value!, spec)));
  const drop = () => void caches.delete(LAID_BY).then(() => go("#/", true));
  if (!laid) return null;
  return (
    <Page title={t("phone.title.shared")}>
      {laid.length === 0 && <Empty icon="picture">{t("phone.shared.none")}</Empty>}
      <ul class="shots">
        {laid.map(({ url, key }, i) => <li key={key}><img class="thumb" src={url} alt={t("phone.photo.n", { n: i + 1 })} /></li>)}
      </ul>
      {wrong && <Say tone="warn" live>{t(wrong)}</Say>}
      {busy && <p role="status">{t("phone.photo.busy", { n: laid.length })}</p>}
      {laid.length > 0 && !busy && (
        <>
          <h2>{t("phone.shared.what")}</h2>
          {drafts.value.map((draft) => {
            const spec = specOf(draft.kind);
            return spec && fieldOf(spec) && (
              <SignButton icon="edit" class="wide" onClick={() => void goOn(draft, spec)} key={draft.id}>
                {t("phone.shared.draft", { name: titleOf(draft.kind, draft.values) })}
              </SignButton>
            );
          })}
          {kit.value?.kinds.filter((spec) => spec.tile !== "none" && fieldOf(spec)).map((spec) => (
            <SignButton icon={spec.icon} class="wide" onClick={() => start(spec)} key={spec.kind}>
              {t("phone.shared.new", { name: w(spec.label) || kindName(spec.kind) })}
            </SignButton>
          ))}
          <SignButton icon="close" class="quiet" onClick={drop}>{t("phone.shared.drop")}</SignButton>
        </>
      )}
    </Page>
  );
}
