import type { ComponentChildren } from "preact";

import { t } from "../i18n";
import { Heading } from "./heading";
import { HideNow } from "./hide-now";
import { Icon } from "./icon";

/** A screen under a bar: the way back, its heading, the content, and at most one dock of buttons. */
export function Page(props: {
  title: ComponentChildren;
  under?: ComponentChildren;
  back?: string;
  above?: ComponentChildren;
  dock?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <div class="phone">
      <header class="bar">
        <a class="round" href={props.back ?? "#/"} aria-label={t("phone.back")}>
          <Icon name="back" />
        </a>
        <div class="grow">
          <Heading>{props.title}</Heading>
          {props.under && <p>{props.under}</p>}
        </div>
        <HideNow />
      </header>
      {props.above}
      <main class="page">{props.children}</main>
      {props.dock && <footer class="dock">{props.dock}</footer>}
    </div>
  );
}

/** What will be here once there is something. */
export function Empty({ icon, children }: { icon: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={icon} size="l" />
      <p>{children}</p>
    </div>
  );
}
