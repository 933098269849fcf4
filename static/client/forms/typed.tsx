import { useEffect, useRef, useState } from "preact/hooks";

import type { Value } from "../types";

/**
 * A box for an answer that is typed one way and kept another (numbers, days).
 *
 * It shows what was typed until the box is left; only then is the kept answer written back
 * in its usual form. So no keyboard, and no Vietnamese input method, is ever fought.
 */
export function TypedInput(props: {
  id: string;
  value: Value;
  describedBy: string | undefined;
  wrong: boolean;
  mode: "decimal" | "numeric" | "text";
  placeholder?: string;
  label?: string;
  show: (value: Value) => string;
  read: (typed: string) => Value;
  change: (value: Value) => void;
}) {
  const [typed, setTyped] = useState(props.show(props.value));
  const busy = useRef(false);
  useEffect(() => {
    if (!busy.current) setTyped(props.show(props.value));
  }, [props.value]);
  return (
    <input
      class="in num"
      id={props.id}
      inputMode={props.mode}
      autocomplete="off"
      placeholder={props.placeholder}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      aria-invalid={props.wrong || undefined}
      value={typed}
      onInput={(event) => {
        busy.current = true;
        setTyped(event.currentTarget.value);
        props.change(props.read(event.currentTarget.value));
      }}
      onBlur={() => {
        busy.current = false;
        setTyped(props.show(props.value));
      }}
    />
  );
}
