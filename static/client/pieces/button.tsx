import type { ComponentChildren } from "preact";

import { Icon } from "./icon";

/** A button with a sign in front of its words. */
export function SignButton(props: {
  icon: string;
  class?: string;
  id?: string;
  onClick: () => void;
  disabled?: boolean;
  children: ComponentChildren;
}) {
  return (
    <button type="button" class={`btn ${props.class ?? ""}`} id={props.id} onClick={props.onClick} disabled={props.disabled}>
      <Icon name={props.icon} /> <span>{props.children}</span>
    </button>
  );
}

/** A link that looks and is pressed like a button. */
export function SignLink(props: { icon: string; class?: string; href: string; children: ComponentChildren }) {
  return (
    <a class={`btn ${props.class ?? ""}`} href={props.href}>
      <Icon name={props.icon} /> <span>{props.children}</span>
    </a>
  );
}
