import type { ComponentChildren } from "preact";

import { Icon } from "./icon";

/** A button with a sign in front of its words. */
export function SignButton(props: { icon: string; class?: string; onClick: () => void; children: ComponentChildren; disabled?: boolean }) {
  return (
    <button type="button" class={`btn ${props.class ?? ""}`} onClick={props.onClick} disabled={props.disabled}>
      <Icon name={props.icon} /> <span>{props.children}</span>
    </button>
  );
}
