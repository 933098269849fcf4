import { useState } from "preact/hooks";

import { applyUpdate, updateReady } from "../app-update";
import { type Trouble, trouble } from "../health";
import { SignButton } from "../pieces/button";
import { Sos } from "../pieces/calls";
import { Heading } from "../pieces/heading";
import { HideNow } from "../pieces/hide-now";
import { Icon } from "../pieces/icon";
import { Say } from "../pieces/say";
import { currentPerson, peopleHere, rescue } from "../store/rescue";
import { handOver } from "../sync/unsent-file";
import { t } from "../words";

declare const BUILD: string;

/** Where the store can be read at all, so that a file can be made of it. */
const READABLE = new Set<Trouble>(["blocked", "newer", "superseded", "upgrade", "full"]);

/** One file for the person who uses this phone; for everybody here when that is not known. */
async function exportAll(): Promise<number> {
  const current = await currentPerson();
  const people = current ? [current] : await peopleHere();
  let changes = 0;
  for (const person of people) {
    const file = await rescue(person, BUILD).catch(() => null);
    if (!file || !(file.changes.length || file.drafts?.length)) continue;
    if (await handOver(file)) changes += file.changes.length;
  }
  return changes;
}

function Export() {
  const [said, setSaid] = useState("");
  const press = () => void exportAll().then(
    (n) => setSaid(n ? t("phone.store.exported", { n }) : t("phone.export.none")),
    () => setSaid(t("phone.store.export.failed")),
  );
  return (
    <>
      <SignButton icon="down2" class="wide" onClick={press}>{t("phone.export.go")}</SignButton>
      <p class="hint" role="status">{said || t("phone.store.export.say")}</p>
    </>
  );
}

/** The store does not open: why, that nothing was thrown away, and what to do. */
export function NoStore() {
  const why = trouble.value ?? "unreadable";
  return (
    <div class="phone">
      <header class="band eaves">
        <div class="row">
          <Icon name="nest" size="l" />
          <p class="name grow">Tổ Ấm</p>
          <HideNow />
        </div>
      </header>
      <main class="page">
        <Heading>{t(`phone.store.${why}`)}</Heading>
        {why !== "refused" && <Say tone="good" icon="lock">{t("phone.store.kept")}</Say>}
        <p>{t(`phone.store.${why}.do`)}</p>
        <SignButton icon="return" class="main wide" onClick={() => (updateReady.value ? applyUpdate() : location.reload())}>
          {t(updateReady.value ? "phone.update.go" : "phone.store.again")}
        </SignButton>
        {READABLE.has(why) && <Export />}
      </main>
      <Sos />
    </div>
  );
}
