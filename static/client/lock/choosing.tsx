import { useEffect, useState } from "preact/hooks";

import { Say } from "../pieces/say";
import { CodeBox } from "./code-box";
import { type Kind, plain, weakness } from "./codes";
import { type LockKey, t } from "./words";
import { suitable } from "./wrap";

function fault(kind: Kind, code: string, again: string): LockKey | null {
  const weak = weakness(kind, code);
  if (weak === "short") return `phone.lock.short.${kind}`;
  if (weak) return "phone.lock.weak";
  return plain(code) === plain(again) ? null : "phone.lock.differ";
}

/** A new code, typed twice; `set` throws when it could not be set. */
export function NewCode(props: { go: LockKey; set: (code: string, kind: Kind) => Promise<LockKey | null> }) {
  const [kind, setKind] = useState<Kind>("pin");
  const [code, setCode] = useState("");
  const [again, setAgain] = useState("");
  const [wrong, setWrong] = useState<LockKey | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => void suitable().catch(() => undefined), []);
  const press = async (event: Event) => {
    event.preventDefault();
    const found = fault(kind, code, again);
    setWrong(found);
    if (found) return;
    setBusy(true);
    setWrong(await props.set(code, kind).catch(() => "phone.lock.failed" as const));
    setBusy(false);
  };
  const turn = (to: Kind) => {
    setKind(to);
    setCode("");
    setAgain("");
    setWrong(null);
  };
  return (
    <form class="stack" onSubmit={(event) => void press(event)} noValidate>
      <div class="chips" role="group" aria-label={t("phone.lock.choose.way")}>
        {(["pin", "phrase"] as const).map((one) => (
          <button type="button" class={kind === one ? "pick set" : "pick"} aria-pressed={kind === one} onClick={() => turn(one)} key={one}>
            {t(`phone.lock.choose.${one}`)}
          </button>
        ))}
      </div>
      <CodeBox id="new-code" kind={kind} label={`phone.lock.${kind}`} hint={kind === "phrase" ? "phone.lock.phrase.hint" : undefined} value={code} wrong={wrong !== null} change={setCode} />
      <CodeBox id="new-code-again" kind={kind} label="phone.lock.again" value={again} wrong={wrong === "phone.lock.differ"} change={setAgain} />
      {wrong && <Say tone="bad" live>{t(wrong)}</Say>}
      <button class="btn main wide" disabled={busy}>{t(busy ? "phone.lock.busy" : props.go)}</button>
    </form>
  );
}
