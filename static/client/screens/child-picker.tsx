import { useState } from "preact/hooks";

import { answer, begin, firstAnswers, keep, working } from "../forms/working";
import { w } from "../i18n";
import { SignButton } from "../pieces/button";
import { Search } from "../pieces/card";
import { Icon } from "../pieces/icon";
import { Page } from "../pieces/page";
import { specOf, titleOf } from "../pieces/titles";
import { go } from "../route";
import { records } from "../state";
import type { Draft, View } from "../types";
import { fold } from "../vietnamese";
import { t } from "../words";
import { aboutChild, byName, Found, lastVisits } from "./children";

/** Long lists are drawn in part: the rest is a search away, and the old phone stays quick. */
const MOST_ROWS = 100;

/** The list to choose from: what matches, or all, those not visited for longest first. */
function candidates(kind: string, wanted: string, visits: Map<string, string>): View[] {
  const byVisit = (a: View, b: View) => (visits.get(a.id) ?? "").localeCompare(visits.get(b.id) ?? "");
  const named = byName(specOf(kind));
  return records.value
    .filter((view) => view.kind === kind && !view.withdrawn)
    .filter((view) => fold(`${titleOf(kind, view.data)} ${view.data.address ?? ""}`).includes(wanted))
    .sort((a, b) => (wanted ? named(a, b) : byVisit(a, b) || named(a, b)));
}

/** The form waits as a draft; the new record's form returns to it with the record chosen. */
async function writeNew(kind: string, draft: Draft, field: string): Promise<void> {
  await keep(true);
  const spec = specOf(kind);
  const made = begin(kind, { values: spec ? firstAnswers(spec) : {}, returnTo: { draft: draft.id, field } });
  go(`#/form/${made.id}/1`, true);
}

/** Choose another record for a field of the open form, from the list on this phone. */
export function Picker({ draft, field }: { draft: Draft; field: string }) {
  const [query, setQuery] = useState("");
  const kind = specOf(draft.kind)?.fields[field]?.kind ?? "";
  const spec = specOf(kind);
  const visits = lastVisits(kind);
  const wanted = fold(query);
  const shown = candidates(kind, wanted, visits);
  const all = records.value.filter((view) => view.kind === kind && !view.withdrawn).length;
  const choose = (id: string) => {
    answer(field, id);
    history.back();
  };
  const words = { n: shown.length, q: query.trim(), all };
  const found = wanted ? t(shown.length ? "phone.pick.found" : "phone.pick.none", words) : t(all ? "phone.pick.long_ago" : "phone.pick.empty");
  const newWords = kind === "child" ? t("phone.pick.new.child") : t("phone.pick.new", { name: spec ? w(spec.label) : "" });
  return (
    <Page
      title={t("phone.pick.choose", { name: spec ? w(spec.label).toLowerCase() : "" })}
      under={t("phone.pick.here")}
      back={`#/form/${working.value?.id}/${draft.section + 1}`}
      dock={
        <SignButton icon="plus" class="main" onClick={() => void writeNew(kind, draft, field)}>
          {newWords}
        </SignButton>
      }
    >
      <Search value={query} change={setQuery} label={t("phone.pick.search")} found={found} />
      {shown.length > 0 && (
        <ul class="card items flush">
          {shown.slice(0, MOST_ROWS).map((view) => (
            <li key={view.id}>
              <button type="button" class="it" onClick={() => choose(view.id)}>
                <span class="grow">
                  <strong class="line">
                    <Found text={titleOf(kind, view.data)} query={query} />
                  </strong>
                  <small>{aboutChild(view, visits.get(view.id))}</small>
                </span>
                <Icon name={draft.values[field] === view.id ? "check" : "next"} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
