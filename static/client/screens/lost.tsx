import { alarms } from "../health";
import { SignButton } from "../pieces/button";
import { Sos } from "../pieces/calls";
import { showInstant } from "../pieces/dates";
import { Page } from "../pieces/page";
import { Say } from "../pieces/say";
import { kit, session, syncNow } from "../state";
import type { Alarm } from "../store/alarms";
import { fact, write } from "../store/database";
import { markRead } from "../store/missing";
import { t } from "../words";

/** Numbers in words; the ward names at most fifty. */
function numbers(missing: number[]): string {
  return missing.length < 50 ? missing.join(", ") : `${missing.join(", ")}…`;
}

/** What is known about the missing numbers, and what is not known yet. */
function known({ from, to, missing, sure }: Alarm): string {
  if (to < from) return t("phone.lost.none_given");
  if (missing.length) return t("phone.lost.missing", { n: missing.length, numbers: numbers(missing) });
  return t(sure ? "phone.lost.all_there" : "phone.lost.not_sure", { from, to });
}

/** One alarm in words: what happened, what is missing. */
export function AlarmCard({ alarm }: { alarm: Alarm }) {
  const { kind, at, from, to } = alarm;
  const hasNumbers = (kind === "lost" || kind === "rolled_back") && to >= from;
  return (
    <section class="card stack">
      <h2>{t(`phone.lost.${kind}`)}</h2>
      <small>{t("phone.lost.noticed", { at: showInstant(at) })}</small>
      <p>{t(`phone.lost.${kind}.say`)}</p>
      {hasNumbers && <p>{t(from === to ? "phone.lost.number" : "phone.lost.numbers", { from, to })}</p>}
      {kind !== "chain" && <p><strong>{known(alarm)}</strong></p>}
    </section>
  );
}

async function haveRead(): Promise<void> {
  await write(["facts"], (tx) => markRead(tx, new Date().toISOString()));
  alarms.value = (await fact("alarms")) ?? [];
}

/** Something was lost on this phone: said before anything else, in figures, with what to do and whom to tell. */
export function Lost() {
  const fresh = alarms.value.filter((one) => !one.read);
  const tel = kit.value?.ward.phone ?? session.value?.ward.phone;
  const steps = ["phone.lost.do.write", "phone.lost.do.send", "phone.lost.do.tell"] as const;
  return (
    <Page
      title={t("phone.title.lost")}
      under={session.value?.name}
      dock={<SignButton icon="check" class="main" onClick={() => void haveRead()}>{t("phone.lost.read")}</SignButton>}
    >
      <Say tone="warn"><strong>{t(fresh.some((one) => one.kind !== "chain") ? "phone.lost.head" : "phone.lost.head.chain")}</strong></Say>
      {fresh.map((alarm) => <AlarmCard alarm={alarm} key={alarm.kind + alarm.at} />)}
      <section class="card stack">
        <h2>{t("phone.lost.do")}</h2>
        <ol class="stack">
          {steps.map((step, i) => <li class="row" key={step}><b class="num">{i + 1}.</b><span class="grow">{t(step)}</span></li>)}
        </ol>
        {tel && <a class="btn wide" href={`tel:${tel}`}>{t("phone.lost.call", { tel })}</a>}
        <SignButton icon="send" class="wide" onClick={() => void syncNow()}>{t("phone.sync.try")}</SignButton>
      </section>
      <Sos />
    </Page>
  );
}
