import type { View } from "../types";
import { t } from "../i18n";
import { showInstant } from "./dates";
import { Icon } from "./icon";
import { Path } from "./path";
import { kindIcon, kindName, nameOf } from "./titles";

/** One record in a list: what it is, when it was written, and how far it has come. */
export function RecordCard({ view }: { view: View }) {
  return (
    <li class="card rec">
      <a href={`#/record/${view.id}`}>
        <Icon name={kindIcon(view.kind)} />
        <span class="grow">
          <h2>{nameOf(view)}</h2>
          <small>{`${kindName(view.kind)} · ${showInstant(view.changedAt)}`}</small>
        </span>
        <Icon name="next" />
      </a>
      <Path view={view} />
    </li>
  );
}

/** A row that leads somewhere: a sign, two lines, an arrow. */
export function Row(props: { icon: string; href: string; strong: string; rest: string; lamp?: boolean }) {
  return (
    <a class={props.lamp ? "task" : undefined} href={props.href}>
      <Icon name={props.icon} />
      <span class="grow">
        <strong class="line">{props.strong}</strong>
        {props.lamp ? props.rest : <small>{props.rest}</small>}
      </span>
      <Icon name="next" />
    </a>
  );
}

/** Search that needs no marks, with what it found said aloud. */
export function Search(props: { value: string; change: (text: string) => void; label: string; found: string }) {
  return (
    <div>
      <div class="seek">
        <Icon name="search" />
        <input
          class="in"
          type="search"
          autocomplete="off"
          spellcheck={false}
          aria-label={props.label}
          placeholder={t("phone.pick.search.short")}
          value={props.value}
          onInput={(event) => props.change(event.currentTarget.value)}
        />
      </div>
      <p class="hint found" role="status">
        {props.found}
      </p>
    </div>
  );
}
