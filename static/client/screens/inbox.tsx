import { RecordCard, Row } from "../pieces/card";
import { showInstant } from "../pieces/dates";
import { Empty, Page } from "../pieces/page";
import { isTask, newsOf, pinnedNames, wayOf } from "../pieces/path";
import { nameOf } from "../pieces/titles";
import { records } from "../state";
import type { View } from "../types";
import { t } from "../words";

function Verdict({ view }: { view: View }) {
  const { by, at, note } = view.review!;
  return (
    <li class="card rec">
      <a href={`#/record/${view.id}`}>
        <span class="grow">
          <h2>{nameOf(view)}</h2>
          <strong class="line">{wayOf(view).strong}</strong>
          {note && <span class="line">“{note}”</span>}
          <small>{t("phone.inbox.by", { name: by, at: showInstant(at) })}</small>
        </span>
      </a>
    </li>
  );
}

/** What the ward answered: first what needs a hand, then the verdicts. */
export function Inbox() {
  const news = newsOf(records.value);
  const tasks = news.filter(isTask);
  const rest = news.filter((view) => !isTask(view));
  const odd = records.value.filter((view) => view.mine && view.ward === "needs_fixing" && view.status === "sent");
  return (
    <Page title={t("phone.title.inbox")}>
      {tasks.length + rest.length + odd.length === 0 && <Empty icon="ward">{t("phone.inbox.empty")}</Empty>}
      {tasks.length > 0 && <h2>{t("phone.inbox.tasks")}</h2>}
      {tasks.map((view) => (
        <Row
          lamp
          icon="return"
          href={`#/record/${view.id}`}
          strong={nameOf(view)}
          rest={t("phone.path.returned.what", { what: pinnedNames(view) || view.review!.note })}
          key={view.id}
        />
      ))}
      {odd.length > 0 && <ul class="stack">{odd.map((view) => <RecordCard view={view} key={view.id} />)}</ul>}
      {rest.length > 0 && <h2>{t("phone.inbox.news")}</h2>}
      <ul class="stack">
        {rest.map((view) => (
          <Verdict view={view} key={view.id} />
        ))}
      </ul>
    </Page>
  );
}
