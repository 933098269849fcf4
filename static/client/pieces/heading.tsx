import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { address, hasMoved } from "../route";

/** The screen's heading. It takes the focus when the screen came by a move, so that readers start there. */
export function Heading(props: { class?: string; children: ComponentChildren }) {
  const ref = useRef<HTMLHeadingElement>(null);
  // After painting: focusing forces a layout, and the screen should not wait for it.
  useEffect(() => {
    if (hasMoved()) ref.current?.focus({ preventScroll: true });
  }, [address.value]);
  return (
    <h1 class={props.class} tabIndex={-1} ref={ref}>
      {props.children}
    </h1>
  );
}
