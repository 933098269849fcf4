import { applyUpdate, updateReady } from "../app-update";
import { t, w } from "../i18n";
import { later } from "../later";
import { notKept, working } from "../forms/working";
import { dismissInstall, install, installWay } from "../install";
import { SignButton } from "../pieces/button";
import { Sos } from "../pieces/calls";
import { Row } from "../pieces/card";
import { showDay, showInstant } from "../pieces/dates";
import { Heading } from "../pieces/heading";
import { HideNow } from "../pieces/hide-now";
import { Icon } from "../pieces/icon";
import { isTask, newsOf, pinnedNames } from "../pieces/path";
import { Say } from "../pieces/say";
import { Strip } from "../pieces/strip";
import { taskOf } from "../pieces/task";
import { kindIcon, kindName, nameOf, titleOf } from "../pieces/titles";
import { moved, room, toLookAt } from "../health";
import { dark, drafts, kit, readMoved, ready, records, session } from "../state";
import type { FormSpec, View } from "../types";
import { hasSeen, markSeen } from "./seen";

function Band() {
  const person = session.value!;
  const group = person.groups.map((one) => one.name).join(", ");
  const where = { name: person.name, group, ward: person.ward.name };
  return (
    <header class="band eaves">
      <div class="row">
        <Icon name="nest" size="l" />
        <div class="grow">
          <Heading class="name">Tổ Ấm</Heading>
        </div>
        <HideNow />
        <a class="round" href="#/me" aria-label={t("phone.home.me", { name: person.name })}>
          <Icon name="user" />
        </a>
      </div>
      <p>{t(person.groups.length > 1 ? "phone.home.where.many" : "phone.home.where", where)}</p>
      <Strip />
    </header>
  );
}

/** What the ward sent back, in one line that leads to it. */
function Task({ tasks }: { tasks: View[] }) {
  const first = tasks[0];
  if (!first) return null;
  const what = pinnedNames(first);
  const title = nameOf(first);
  return (
    <Row
      lamp
      icon="return"
      href={tasks.length === 1 ? `#/record/${first.id}` : "#/records/fix"}
      strong={t("phone.home.task", { n: tasks.length })}
      rest={what ? `${title}: ${what}` : title}
    />
  );
}

/** What the ward asks this person to do, one line each. */
function Given() {
  return records.value.map((view, _, all) => {
    const { note, due } = taskOf(view, all) ?? {};
    const by = due && ` · ${t("phone.task.by", { day: showDay(due) })}`;
    return note && <Row lamp icon="clock" href={`#/record/${view.id}`} strong={note} rest={nameOf(view) + (by ?? "")} key={view.id} />;
  });
}

function Drafts() {
  return (
    <>
      {notKept.value && working.value && (
        <Row lamp icon="alert" href={`#/form/${working.value.id}/1`} strong={t("phone.home.not_kept")} rest={kindName(working.value.kind)} />
      )}
      {drafts.value.map((draft) => (
        <Row
          lamp
          icon="edit"
          key={draft.id}
          href={`#/form/${draft.id}/${draft.section + 1}`}
          strong={t("phone.home.drafts")}
          rest={`${titleOrKind(draft.kind, draft.values)} · ${t("phone.form.draft.at", { at: showInstant(draft.savedAt) })}`}
        />
      ))}
    </>
  );
}

function titleOrKind(kind: string, values: FormSpec["fields"] | View["data"]): string {
  const title = titleOf(kind, values as View["data"]);
  return title.includes(kindName(kind)) ? kindName(kind) : title;
}

function Tile({ spec }: { spec: FormSpec }) {
  return (
    <a class={spec.tile === "red" ? "tile red" : "tile"} href={`#/new/${spec.kind}`}>
      <span>
        <Icon name={spec.icon} size="l" />
      </span>
      <span>
        <strong>{w(spec.menu)}</strong>
        {w(spec.examples)}
      </span>
    </a>
  );
}

function Half(props: { icon: string; href: string; strong: string; rest: string }) {
  return (
    <a class="tile half" href={props.href}>
      <span>
        <Icon name={props.icon} />
      </span>
      <span>
        <strong>{props.strong}</strong>
        {props.rest}
      </span>
    </a>
  );
}

/** The kinds that have no big tile: lists to carry (children of the group), each with its count. */
function Halves() {
  const lists = (kit.value?.kinds ?? []).filter((spec) => spec.tile === "none");
  const count = (kind: string) => records.value.filter((view) => view.kind === kind && !view.withdrawn).length;
  const mine = records.value.filter((view) => view.mine).length;
  const news = newsOf(records.value).length;
  return (
    <div class="two">
      {lists.map((spec) => (
        <Half
          icon={spec.kind === "child" ? "people" : kindIcon(spec.kind)}
          href={`#/list/${spec.kind}`}
          strong={w(spec.menu)}
          rest={t(spec.kind === "child" ? "phone.home.children.n" : "phone.home.records.n", { n: count(spec.kind) })}
          key={spec.kind}
        />
      ))}
      {kit.value?.kinds.some((spec) => spec.recheck) && (
        <Half icon="clock" href="#/due" strong={t("phone.title.due")} rest={t("phone.home.due.n", { n: later.value?.dueNow().length ?? 0 })} />
      )}
      <Half icon="list" href="#/records" strong={t("phone.title.records")} rest={t("phone.home.records.n", { n: mine })} />
      {news > 0 && <Half icon="ward" href="#/inbox" strong={t("phone.home.inbox")} rest={t("phone.home.inbox.n", { n: news })} />}
    </div>
  );
}

/** The ward gave this person other groups: her lists are others from one moment to the next. */
function Moved() {
  const { groups, ward } = session.value!;
  return (
    <Say tone="news" icon="people" live>
      <p>{t("phone.moved", { group: groups.map((one) => one.name).join(", "), ward: ward.name })}</p>
      <button type="button" class="btn" onClick={() => void readMoved()}>
        {t("phone.home.ready.ok")}
      </button>
    </Say>
  );
}

/** What this phone needs a hand with. */
function Needs() {
  const stuck = toLookAt.value.length;
  return (
    <>
      {moved.value && <Moved />}
      {dark.value && <Say tone="warn" icon="lock">{t("phone.dark")}</Say>}
      {room.value !== "enough" && <Say tone="warn">{t(`phone.room.${room.value}`)}</Say>}
      {stuck > 0 && <Row lamp icon="alert" href="#/sync" strong={t("phone.home.look", { n: stuck })} rest={t("phone.home.look.say")} />}
    </>
  );
}

/** What the app itself has to say: a new version, ready for offline use, how to install. One at a time. */
function Notices() {
  if (updateReady.value) {
    return (
      <Say tone="news" icon="down2">
        <p>{t("phone.update.ready")}</p>
        <button type="button" class="btn" onClick={() => void applyUpdate()}>
          {t("phone.update.go")}
        </button>
      </Say>
    );
  }
  if (ready.value && !hasSeen("ready")) {
    return (
      <Say tone="good" live>
        <p>{t("phone.home.ready")}</p>
        <button type="button" class="btn" onClick={() => markSeen("ready")}>
          {t("phone.home.ready.ok")}
        </button>
      </Say>
    );
  }
  if (!ready.value) return <Say tone="news" icon="down2">{t("phone.home.preparing")}</Say>;
  return <InstallOffer />;
}

function InstallOffer() {
  const way = installWay.value;
  if (way === "none") return null;
  return (
    <Say tone="news" icon="plus">
      <p>{t("phone.install.offer")}</p>
      {way === "ios" && <p>{t("phone.install.ios")}</p>}
      <div class="chips">
        {way === "prompt" && (
          <SignButton icon="down2" onClick={() => void install()}>
            {t("phone.install.go")}
          </SignButton>
        )}
        <button type="button" class="btn quiet" onClick={dismissInstall}>
          {t("phone.later")}
        </button>
      </div>
    </Say>
  );
}

/** Home: what waits, what can be written, whom to call. */
export function Home() {
  const large = (kit.value?.kinds ?? []).filter((spec) => spec.tile === "large" || spec.tile === "red").sort((a, b) => a.order - b.order);
  return (
    <div class="phone">
      <Band />
      <main class="page">
        <Needs />
        <Task tasks={records.value.filter(isTask)} />
        <Given />
        <Drafts />
        {large.map((spec) => (
          <Tile spec={spec} key={spec.kind} />
        ))}
        <Halves />
        <Notices />
      </main>
      <Sos />
    </div>
  );
}
