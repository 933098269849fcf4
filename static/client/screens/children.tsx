import { signal } from "@preact/signals";

import { matched } from "../forms/answers";
import { w } from "../i18n";
import { SignLink } from "../pieces/button";
import { Search } from "../pieces/card";
import { isoDay, showDay } from "../pieces/dates";
import { Icon } from "../pieces/icon";
import { Empty, Page } from "../pieces/page";
import { specOf, titleOf } from "../pieces/titles";
import { kit, records } from "../state";
import type { FormSpec, View } from "../types";
import { compareNames, compareWords, fold } from "../vietnamese";
import { t } from "../words";

const query = signal("");

/** How a list of records of one kind is ordered: people by given name, other things by their words. */
export function byName(spec: FormSpec | undefined): (a: View, b: View) => number {
  const isPerson = spec?.fields[spec.title[0] ?? ""]?.widget === "name";
  const compare = isPerson ? compareNames : compareWords;
  return (a, b) => compare(titleOf(a.kind, a.data), titleOf(b.kind, b.data));
}

/** The last day on which each record was visited: what the kinds that point to it say. */
export function lastVisits(kind: string): Map<string, string> {
  const last = new Map<string, string>();
  for (const spec of kit.value?.kinds.filter((one) => one.parent === kind) ?? []) {
    const link = Object.keys(spec.fields).find((name) => spec.fields[name]!.kind === kind);
    for (const view of records.value) {
      if (view.kind !== spec.kind || view.withdrawn || !link) continue;
      const id = String(view.data[link] ?? view.parent ?? "");
      const day = String(view.data[spec.happened] ?? "").slice(0, 10);
      if (id && day > (last.get(id) ?? "")) last.set(id, day);
    }
  }
  return last;
}

/** Under a name: year of birth, lane, last visit; whatever is known. */
export function aboutChild(view: View, visited: string | undefined): string {
  const year = typeof view.data.born === "string" ? view.data.born.slice(0, 4) : "";
  const sameYear = visited?.startsWith(isoDay().slice(0, 4));
  const day = visited && (sameYear ? showDay(visited).slice(0, 5) : showDay(visited));
  return [year, view.data.address, day ? t("phone.pick.visited", { day }) : t("phone.pick.not_visited")].filter(Boolean).join(" · ");
}

/** A name with the searched part marked. */
export function Found({ text, query: wanted }: { text: string; query: string }) {
  const parts = matched(text, wanted);
  if (!parts?.[1]) return <>{text}</>;
  return (
    <>
      {parts[0]}
      <mark>{parts[1]}</mark>
      {parts[2]}
    </>
  );
}

/** The records of a listed kind that this phone carries: the children of the group. */
export function Carried({ kind }: { kind: string }) {
  const spec = specOf(kind);
  const all = records.value.filter((view) => view.kind === kind && !view.withdrawn).sort(byName(spec));
  const wanted = fold(query.value);
  const shown = all.filter((view) => fold(`${titleOf(kind, view.data)} ${view.data.address ?? ""}`).includes(wanted));
  const visits = lastVisits(kind);
  const isChild = kind === "child";
  const title = isChild ? t("phone.title.children") : spec ? w(spec.menu) : kind;
  return (
    <Page
      title={title}
      under={isChild ? t("phone.children.sum", { n: all.length }) : t("phone.pick.count", { all: all.length })}
      dock={
        <SignLink icon="plus" class="main" href={`#/new/${kind}`}>
          {isChild ? t("phone.children.add") : t("phone.pick.new", { name: title })}
        </SignLink>
      }
    >
      <Search
        value={query.value}
        change={(text) => (query.value = text)}
        label={t("phone.pick.search")}
        found={wanted ? t("phone.pick.found", { n: shown.length, q: query.value.trim(), all: all.length }) : ""}
      />
      {all.length === 0 && <Empty icon="people">{t("phone.children.empty")}</Empty>}
      {shown.length > 0 && (
        <ul class="card items flush">
          {shown.map((view) => (
            <li key={view.id}>
              <a href={`#/record/${view.id}`}>
                <span class="grow">
                  <strong class="line">
                    <Found text={titleOf(kind, view.data)} query={query.value} />
                  </strong>
                  <small>{aboutChild(view, visits.get(view.id))}</small>
                </span>
                <Icon name="next" />
              </a>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
