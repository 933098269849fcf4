import { photosOf } from "../forms/answers";
import { w } from "../i18n";
import { SignLink } from "../pieces/button";
import { isoDay, showDay } from "../pieces/dates";
import { Icon } from "../pieces/icon";
import { Empty, Page } from "../pieces/page";
import { answerWords, kindIcon, nameOf, specOf } from "../pieces/titles";
import { WithPictures } from "../photos/later";
import { below, dayOf, type Due, dueNow, dueOf, lastLook } from "../rechecks/due";
import { daysBetween } from "../rechecks/rule";
import { kit } from "../state";
import type { View } from "../types";
import { t } from "../words";

/** How late it is, or how soon, in words. */
function When({ due }: { due: Due }) {
  const left = daysBetween(isoDay(), due.day);
  if (due.standing === "later") return null;
  const words = left < 0 ? t("phone.due.late", { n: -left }) : left === 0 ? t("phone.due.today") : t("phone.due.in", { n: left });
  return (
    <span class={left < 0 ? "tag brick" : "tag lamp"}>
      <Icon name="clock" size="s" />
      {words}
    </span>
  );
}

/** What a look found, in words: its own answers, not those that it took over. */
function foundWords(look: View): string {
  const spec = specOf(look.kind);
  const own = spec?.sections[0]?.fields.filter((name) => spec.fields[name]?.widget === "choice") ?? [];
  return own.map((name) => answerWords(spec!.fields[name]!, look.data[name])).filter(Boolean).join(" · ");
}

/** On a record's page: when to look again, what was found last, and everything that was written about it. */
export function Looks({ view }: { view: View }) {
  const due = dueOf(view);
  const last = lastLook(view);
  const others = below(view);
  if (!due && !others.length) return null;
  return (
    <section class="card">
      <h2>{due || last ? t("phone.due.title") : t("phone.due.about")}</h2>
      {due && (
        <p>
          {t("phone.due.next", { day: showDay(due.day) })} <When due={due} />
        </p>
      )}
      {!due && last && <p>{t("phone.due.none_more")}</p>}
      {others.length > 0 && (
        <ul class="items flush">
          {others.map((one) => (
            <li key={one.id}>
              <a href={`#/record/${one.id}`}>
                <Icon name={kindIcon(one.kind)} />
                <span class="grow">
                  <strong class="line">{titleOfLook(one)}</strong>
                  <small>{foundWords(one)}</small>
                </span>
                <Icon name="next" />
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The record's photos beside those of the last look, when either has any. */
export function BeforeAndAfter({ view }: { view: View }) {
  const last = lastLook(view);
  const hasPhotos = (one: View) => Object.values(one.data).some((value) => photosOf(value).length);
  if (!last || !(hasPhotos(view) || hasPhotos(last.view))) return null;
  const days: [string, string] = [showDay(dayOf(view)), showDay(last.day)];
  return <WithPictures draw={(part) => <part.Sides before={view} after={last.view} days={days} />} />;
}

/** Under its parent a record is called by its kind and its day. */
function titleOfLook(view: View): string {
  const spec = specOf(view.kind);
  return `${spec ? w(spec.label) : view.kind} ${showDay(String(view.data[spec?.happened ?? ""] ?? ""))}`.trim();
}

/** What is overdue or due in the next days, the longest overdue first; it needs no signal. */
export function DueList() {
  const all = dueNow();
  const late = all.filter((one) => one.standing === "overdue").length;
  const again = (due: Due) => kit.value?.kinds.find((spec) => spec.kind === specOf(due.view.kind)?.recheck?.by);
  return (
    <Page title={t("phone.title.due")} under={all.length ? t("phone.due.sum", { n: all.length, late }) : undefined}>
      {all.length === 0 && <Empty icon="check">{t("phone.due.empty")}</Empty>}
      <ul class="stack">
        {all.map((due) => (
          <li class="card rec" key={due.view.id}>
            <a href={`#/record/${due.view.id}`}>
              <Icon name={kindIcon(due.view.kind)} />
              <span class="grow">
                <h2>{nameOf(due.view)}</h2>
                <small class="line">{t("phone.due.next", { day: showDay(due.day) })}</small>
                <When due={due} />
              </span>
              <Icon name="next" />
            </a>
            {again(due) && (
              <SignLink icon={again(due)!.icon} class="wide" href={`#/new/${again(due)!.kind}/${due.view.id}`}>
                {w(again(due)!.invite ?? again(due)!.menu)}
              </SignLink>
            )}
          </li>
        ))}
      </ul>
      {all.length > 0 && <p class="hint">{t("phone.due.ours")}</p>}
    </Page>
  );
}
