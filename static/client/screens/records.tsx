import { signal } from "@preact/signals";

import { RecordCard, Row, Search } from "../pieces/card";
import { showInstant } from "../pieces/dates";
import { Empty, Page } from "../pieces/page";
import { isTask } from "../pieces/path";
import { kindName, nameOf } from "../pieces/titles";
import { drafts, records } from "../state";
import type { View } from "../types";
import { fold } from "../vietnamese";
import { t } from "../words";

type Only = "all" | "here" | "fix";

/** Kept while the app is open, so that coming back from a record finds the list as it was. */
const query = signal("");

const isHere = (view: View) => view.status === "phone";

/** Whether the words of a record hold the searched ones, marks ignored. */
export function matches(view: View, wanted: string): boolean {
  return fold(`${nameOf(view)} ${kindName(view.kind)} ${view.data.address ?? ""}`).includes(wanted);
}

function Filters({ only, here, fix }: { only: Only; here: number; fix: number }) {
  const pick = (mine: Only, href: string, words: string) => (
    <a class={only === mine ? "pick set" : "pick"} aria-current={only === mine ? "true" : undefined} href={href}>
      {words}
    </a>
  );
  return (
    <div class="chips" role="group" aria-label={t("phone.records.filter")}>
      {pick("all", "#/records", t("phone.records.all"))}
      {pick("here", "#/records/here", t("phone.records.here", { n: here }))}
      {pick("fix", "#/records/fix", t("phone.records.fix", { n: fix }))}
    </div>
  );
}

/** The person's records, newest first, each with its path. */
export function Records({ only }: { only: Only }) {
  const mine = records.value.filter((view) => view.mine).sort((a, b) => b.changedAt.localeCompare(a.changedAt));
  const here = mine.filter(isHere);
  const fix = mine.filter(isTask);
  const wanted = fold(query.value);
  const shown = { all: mine, here, fix }[only].filter((view) => matches(view, wanted));
  const none = { all: "phone.records.empty", here: "phone.records.empty.here", fix: "phone.records.empty.fix" } as const;
  return (
    <Page title={t("phone.title.records")} under={t("phone.records.sum", { n: mine.length, here: here.length })}>
      <Filters only={only} here={here.length} fix={fix.length} />
      {(mine.length > 5 || wanted) && (
        <Search
          value={query.value}
          change={(text) => (query.value = text)}
          label={t("phone.pick.search.short")}
          found={wanted ? t("phone.records.found", { n: shown.length, q: query.value.trim() }) : ""}
        />
      )}
      {only === "all" && !wanted && drafts.value.map((draft) => (
        <Row
          lamp
          icon="edit"
          href={`#/form/${draft.id}/${draft.section + 1}`}
          strong={t("phone.home.drafts")}
          rest={t("phone.home.draft", { kind: kindName(draft.kind), at: showInstant(draft.savedAt) })}
          key={draft.id}
        />
      ))}
      {shown.length === 0 && !wanted && <Empty icon="list">{t(none[only])}</Empty>}
      <ul class="stack">
        {shown.map((view) => (
          <RecordCard view={view} key={view.id} />
        ))}
      </ul>
    </Page>
  );
}
