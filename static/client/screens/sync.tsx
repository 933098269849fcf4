import { useEffect, useState } from "preact/hooks";

import { ended } from "../health";
import { SignButton, SignLink } from "../pieces/button";
import { showInstant } from "../pieces/dates";
import { Icon } from "../pieces/icon";
import { Page } from "../pieces/page";
import { Say } from "../pieces/say";
import { countsOf, faultWords } from "../photos/counts";
import { kindIcon, nameOf, recordOf } from "../pieces/titles";
import { photosGo, photosWait, receipts, records, session, syncNow, syncState } from "../state";
import type { View } from "../types";
import { type LaterKey, t } from "../words";
import { Export } from "./export";
import { Stuck } from "./stuck";

/** How many received records are named; the rest are in the list of records. */
const MOST_RECEIVED = 10;

function stateWords(): { icon: string; head: LaterKey; say: LaterKey } {
  const { phase, waiting } = syncState.value;
  if (phase === "needsSignIn" && ended.value) return { icon: "key", head: `phone.ended.${ended.value}`, say: waiting ? "phone.sync.signin.say" : "phone.sync.ended.say" };
  if (phase === "needsSignIn") return { icon: "key", head: waiting ? "phone.sync.signin" : "phone.sync.signin.go", say: signInWords() };
  if (phase === "sending") return { icon: "send", head: "phone.sync.busy", say: "phone.sync.busy.say" };
  if (phase === "offline") return { icon: "nosignal", head: "phone.sync.offline", say: waiting ? "phone.sync.offline.say" : "phone.sync.idle.say" };
  if (phase === "full") return { icon: "alert", head: "phone.strip.full", say: "phone.room.short" };
  if (phase === "trouble") return { icon: "clock", head: "phone.sync.later", say: "phone.sync.later.say" };
  if (!waiting && photosWait.value.length) return { icon: "camera", head: "phone.sync.photos", say: photosGo.value ? "phone.sync.photos.go" : "phone.sync.photos.wait" };
  if (waiting) return { icon: "phone", head: "phone.sync.waiting", say: "phone.sync.waiting.say" };
  return { icon: "done", head: "phone.sync.idle", say: "phone.sync.idle.say" };
}

/** What to do after the ward ended the sign-in. */
function EndedDo({ why }: { why: NonNullable<typeof ended.value> }) {
  const tel = session.value?.ward.phone;
  return (
    <>
      <p>{t(`phone.ended.${why}.do`)}</p>
      {tel && (
        <SignLink icon="phone" class="wide" href={`tel:${tel}`}>
          {t("phone.lost.call", { tel })}
        </SignLink>
      )}
    </>
  );
}

/** What is still here, or what the ward has already and how it holds it. */
function signInWords(): LaterKey {
  if (syncState.value.waiting) return "phone.sync.signin.say";
  return isAside() ? "phone.sync.signin.aside" : "phone.sync.signin.none";
}

const isAside = () => records.value.some((view) => view.mine && view.ward === "quarantined");

function State() {
  const { phase, waiting, lastReceived } = syncState.value;
  const { icon, head, say } = stateWords();
  return (
    <section class="card stack">
      <div class="row" role="status">
        <Icon name={icon} size="l" />
        <div class="grow">
          <h2>{t(head)}</h2>
          <p>{t(say, { n: waiting })}</p>
          {lastReceived && <small>{t("phone.sync.last", { at: showInstant(lastReceived) })}</small>}
        </div>
      </div>
      {phase === "needsSignIn" && ended.value && <EndedDo why={ended.value} />}
      {phase === "needsSignIn" ? (
        <SignLink icon="key" class="main wide" href="#/sign-in">
          {t("phone.sync.signin.go")}
        </SignLink>
      ) : (
        <SignButton icon="send" class="wide" onClick={() => void syncNow()}>
          {t("phone.sync.try")}
        </SignButton>
      )}
    </section>
  );
}

function Item({ view, rest }: { view: View; rest: string }) {
  return (
    <li>
      <a href={`#/record/${view.id}`}>
        <Icon name={kindIcon(view.kind)} />
        <span class="grow">
          <strong class="line">{nameOf(view)}</strong>
          <small>{rest}</small>
        </span>
      </a>
    </li>
  );
}

function ReceivedItem({ view }: { view: View }) {
  const [mark, setMark] = useState("");
  useEffect(() => void receipts(view.id).then((all) => setMark(all[0]?.sha256.slice(0, 4) ?? "")), [view.id, view.received]);
  const at = showInstant(view.received!);
  const rest = mark ? t("phone.sync.receipt", { at, receipt: mark }) : at;
  return <Item view={view} rest={view.ward === "quarantined" ? `${t("phone.path.quarantined")} · ${rest}` : rest} />;
}

/** Photos that the ward does not have yet, by their records. They go after the words. */
function Photos() {
  const ids = [...new Set(photosWait.value.map((row) => row.record))];
  if (!ids.length) return null;
  const signIn = syncState.value.phase === "needsSignIn";
  return (
    <>
      <h2>{t("phone.photos.title")}</h2>
      {signIn && <Say tone="warn">{t("phone.photos.signin")}</Say>}
      <ul class="card items flush">
        {ids.map((id) => {
          const view = recordOf(id);
          const bad = photosWait.value.find((row) => row.record === id && row.fault);
          const said = view ? t("phone.photos.sent", { sent: countsOf(view).sent, all: countsOf(view).here }) : "";
          const rest = [said, bad && t(faultWords(bad.fault!))].filter(Boolean).join(" · ");
          return view && <Item view={view} rest={rest} key={id} />;
        })}
      </ul>
    </>
  );
}

/** What waits here, what the ward has received, and the last resort. */
export function Sync() {
  const newest = (a: View, b: View) => b.changedAt.localeCompare(a.changedAt);
  const waiting = records.value.filter((view) => view.status === "phone").sort(newest);
  const received = records.value.filter((view) => view.mine && view.status === "sent" && view.received).sort(newest);
  return (
    <Page title={t("phone.title.sync")}>
      <State />
      <Stuck />
      {waiting.length > 0 && (
        <>
          <h2>{t("phone.sync.waiting")}</h2>
          <ul class="card items flush">
            {waiting.map((view) => (
              <Item view={view} rest={showInstant(view.changedAt)} key={view.id} />
            ))}
          </ul>
        </>
      )}
      <Photos />
      {received.length > 0 && (
        <>
          <h2>{t("phone.sync.received")}</h2>
          <ul class="card items flush">
            {received.slice(0, MOST_RECEIVED).map((view) => (
              <ReceivedItem view={view} key={view.id} />
            ))}
          </ul>
        </>
      )}
      <Export />
      <SignLink icon="phone" class="wide" href="#/phone">
        {t("phone.title.phone")}
      </SignLink>
    </Page>
  );
}
