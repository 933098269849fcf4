import { useEffect, useState } from "preact/hooks";

import { alarms, room } from "../health";
import { SignButton } from "../pieces/button";
import { Icon } from "../pieces/icon";
import { Page } from "../pieces/page";
import { Say } from "../pieces/say";
import { syncState } from "../state";
import { fact } from "../store/database";
import { t } from "../words";
import { AlarmCard } from "./lost";

declare const BUILD: string;

interface Space {
  used: number;
  left: number;
  persisted: boolean;
}

async function readSpace(): Promise<Space | null> {
  const { usage, quota } = (await navigator.storage?.estimate?.()) ?? {};
  if (usage === undefined || !quota) return null;
  return { used: usage, left: quota - usage, persisted: (await navigator.storage.persisted?.()) ?? false };
}

const inWords = (bytes: number) => (bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${Math.round(bytes / 1e9)} GB`);

function Space() {
  const [space, setSpace] = useState<Space | null>(null);
  const [refused, setRefused] = useState(false);
  const look = () => void readSpace().then(setSpace, () => setSpace(null));
  useEffect(look, []);
  if (!space) return null;
  const part = Math.ceil((100 * space.used) / (space.used + space.left));
  const ask = () => void navigator.storage.persist().then((granted) => (granted ? look() : setRefused(true)));
  return (
    <section class="card stack">
      <h2>{t("phone.this.space")}</h2>
      <p>{t("phone.sync.storage", { used: inWords(space.used), left: inWords(space.left) })}</p>
      <div class="meter" role="img" aria-label={t("phone.sync.storage.part", { n: part })}>
        <svg viewBox="0 0 100 1" preserveAspectRatio="none">
          <rect width={part} height="1" />
        </svg>
      </div>
      {room.value !== "enough" && <Say tone="warn">{t(`phone.room.${room.value}`)}</Say>}
      <p class="row">
        <Icon name={space.persisted ? "done" : "info"} /> <span class="grow">{t(space.persisted ? "phone.sync.persisted" : "phone.sync.not_persisted")}</span>
      </p>
      {!space.persisted && <SignButton icon="lock" class="wide" onClick={ask}>{t("phone.this.persist")}</SignButton>}
      {refused && <Say tone="news" live>{t("phone.this.refused")}</Say>}
    </section>
  );
}

/** Numbers to read out to the ward over the telephone. */
function Numbers() {
  const [place, setPlace] = useState({ device: "", seq: 0, seen: "" });
  useEffect(() => void Promise.all([fact("device"), fact("seq"), fact("witness")]).then(([device = "", seq = 0, witness]) => {
    setPlace({ device, seq, seen: witness?.seen ?? "" });
  }), [syncState.value]);
  const rows = [
    ["phone.this.device", place.device.slice(0, 8)],
    ["phone.this.last", String(place.seq)],
    ["phone.this.waiting", String(syncState.value.waiting)],
    ["phone.this.witness", place.seen.replace(/^(\d+):(.{8}).*$/, "$1 · $2")],
    ["phone.this.build", BUILD],
  ] as const;
  return (
    <section class="card stack">
      <h2>{t("phone.this.numbers")}</h2>
      <p>{t("phone.this.numbers.say")}</p>
      <dl class="facts">
        {rows.map(([name, words]) => words && (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** How this phone is: its room, its numbers, and what it once lost. */
export function ThisPhone() {
  return (
    <Page title={t("phone.title.phone")} back="#/me">
      <Space />
      <Numbers />
      {alarms.value.length > 0 && <h2>{t("phone.this.alarms")}</h2>}
      {[...alarms.value].reverse().map((alarm) => <AlarmCard alarm={alarm} key={alarm.kind + alarm.at} />)}
    </Page>
  );
}
