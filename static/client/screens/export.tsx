import { useState } from "preact/hooks";

import { shown } from "../forms/working";
import { SignButton } from "../pieces/button";
import { Say } from "../pieces/say";
import { drafts, exportUnsent, photosWait, syncState } from "../state";
import { type LaterKey, t } from "../words";

/** The last resort: what was not sent, as a file for the ward. Everything stays on this phone as well. */
export function Export() {
  const { waiting } = syncState.value;
  const [also, setAlso] = useState(false);
  const [said, setSaid] = useState<LaterKey | null>(null);
  const open = drafts.value.length;
  const nothing = !waiting && !(also && open);
  const press = async () => {
    const done = await exportUnsent(also ? drafts.value.map(shown) : []).catch(() => null);
    setSaid(done === null ? "phone.export.failed" : done ? "phone.export.done" : null);
  };
  return (
    <section class="stack">
      <h2>{t("phone.export")}</h2>
      <p class="hint">{t(waiting ? "phone.export.say" : "phone.export.none", { n: waiting })}</p>
      {photosWait.value.length > 0 && <p class="hint">{t("phone.export.photos", { n: photosWait.value.length })}</p>}
      {open > 0 && (
        <label class="chip">
          <input type="checkbox" checked={also} onChange={() => setAlso(!also)} />
          <span>{t("phone.export.drafts", { n: open })}</span>
        </label>
      )}
      <SignButton icon="down2" class="wide" onClick={() => void press()} disabled={nothing}>
        {t("phone.export.go")}
      </SignButton>
      {said && <Say tone={said === "phone.export.done" ? "good" : "bad"} live>{t(said)}</Say>}
    </section>
  );
}
