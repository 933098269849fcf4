import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { address, hasMoved } from "../route";

/** The screen's heading. It takes the focus when the screen came by a move, so that readers start there. */
export function Heading(props: { class?: string; children: ComponentChildren }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (hasMoved()) ref.current?.focus({ preventScroll: true });
  }, [address.value]);
  return (
    <h1 class={props.class} tabIndex={-1} ref={ref}>
      {props.children}
    </h1>
  );
}
