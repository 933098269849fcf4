import { DIGITS, type Kind } from "./codes";
import { type LockKey, t } from "./words";

/** A box for a code: dots, digits where it is digits, and nothing that a browser would learn. */
export function CodeBox(props: { id: string; kind: Kind; label: LockKey; hint?: LockKey; value: string; wrong?: boolean; change: (typed: string) => void }) {
  const { id, kind, hint } = props;
  return (
    <div class="field">
      <label for={id}>{t(props.label)}</label>
      {hint && <p class="hint" id={`${id}-h`}>{t(hint)}</p>}
      <input
        class={kind === "pin" ? "in num" : "in"}
        id={id}
        type="password"
        inputMode={kind === "pin" ? "numeric" : "text"}
        maxLength={kind === "pin" ? DIGITS : 200}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        aria-describedby={hint && `${id}-h`}
        aria-invalid={props.wrong || undefined}
        value={props.value}
        onInput={(event) => props.change(event.currentTarget.value)}
      />
    </div>
  );
}
