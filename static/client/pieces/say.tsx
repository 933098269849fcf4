import type { ComponentChildren } from "preact";

import { Icon } from "./icon";

const SIGNS = { good: "done", news: "info", warn: "alert", bad: "close" } as const;

/** A sentence that stays: good, news, a warning that never blocks, or what stands in the way. */
export function Say(props: {
  tone: keyof typeof SIGNS;
  icon?: string;
  id?: string;
  live?: boolean;
  children: ComponentChildren;
}) {
  return (
    <div class={`say ${props.tone}`} id={props.id} role={props.live ? "status" : undefined}>
      <Icon name={props.icon ?? SIGNS[props.tone]} />
      <div class="grow">{props.children}</div>
    </div>
  );
}
