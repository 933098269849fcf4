import { useState } from "preact/hooks";

import { shown } from "../forms/working";
import { SignButton } from "../pieces/button";
import { Say } from "../pieces/say";
import { drafts, exportUnsent, photosWait, syncState } from "../state";
import { t } from "../words";

/** What the last press led to, and which photos have gone out in files so far. */
interface Said {
  tone: "good" | "warn" | "bad";
  words: string;
}

function useExport() {
  const [given, setGiven] = useState<ReadonlySet<string>>(new Set());
  const [left, setLeft] = useState(0);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<Said | null>(null);
  const press = async (also: boolean, pictures: boolean) => {
    setBusy(true);
    const before = left ? given : new Set<string>();
    const done = await exportUnsent(also ? drafts.value.map(shown) : [], pictures ? before : null).catch(() => null);
    setBusy(false);
    if (!done) return setSaid({ tone: "bad", words: t("phone.export.failed") });
    if (!done.done) return setSaid(null);
    setGiven(new Set([...before, ...done.ids]));
    setLeft(done.left);
    const more = done.left ? t("phone.export.left", { n: done.left }) : done.unreadable ? t("phone.export.unreadable", { n: done.unreadable }) : "";
    setSaid({ tone: more ? "warn" : "good", words: `${t("phone.export.done")} ${more}`.trim() });
  };
  return { left, busy, said, press };
}

/** The last resort: what was not sent, as a file for the ward. Everything stays on this phone as well. */
export function Export() {
  const { waiting } = syncState.value;
  const [also, setAlso] = useState(false);
  const [pictures, setPictures] = useState(true);
  const { left, busy, said, press } = useExport();
  const [open, wait] = [drafts.value.length, photosWait.value];
  const size = Math.max(1, Math.round(wait.reduce((sum, row) => sum + row.size, 0) / 1e6));
  const nothing = !waiting && !(also && open) && !(pictures && wait.length);
  return (
    <section class="stack">
      <h2>{t("phone.export")}</h2>
      <p class="hint">{t(waiting || wait.length ? "phone.export.say" : "phone.export.none", { n: waiting })}</p>
      {wait.length > 0 && (
        <label class="chip">
          <input type="checkbox" checked={pictures} onChange={() => setPictures(!pictures)} />
          <span>{t("phone.export.photos", { n: wait.length, size })}</span>
        </label>
      )}
      {open > 0 && (
        <label class="chip">
          <input type="checkbox" checked={also} onChange={() => setAlso(!also)} />
          <span>{t("phone.export.drafts", { n: open })}</span>
        </label>
      )}
      <SignButton icon="down2" class="wide" onClick={() => void press(also, pictures)} disabled={nothing || busy}>
        {t(busy ? "phone.export.busy" : left && pictures ? "phone.export.next" : "phone.export.go")}
      </SignButton>
      {said && <Say tone={said.tone} live>{said.words}</Say>}
    </section>
  );
}
