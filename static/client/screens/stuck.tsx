import { problemWords } from "../i18n";
import { toLookAt } from "../health";
import { showInstant } from "../pieces/dates";
import { Icon } from "../pieces/icon";
import { kindIcon, nameOf, recordOf } from "../pieces/titles";
import type { StuckEntry } from "../store/database";
import { type LaterKey, t } from "../words";

/** Why an entry does not go up, in words. */
function reason(code: string): string {
  const own: Record<string, LaterKey> = {
    unreadable_here: "phone.stuck.unreadable_here",
    too_large: "phone.stuck.too_large",
    no_receipt: "phone.stuck.no_receipt",
    seal_refused: "phone.stuck.seal_refused",
  };
  return own[code] ? t(own[code]) : problemWords(code);
}

function Item({ entry }: { entry: StuckEntry }) {
  const view = recordOf(entry.record);
  const what = view ? nameOf(view) : t("phone.stuck.number", { n: entry.seq });
  const rest = t("phone.stuck.since", { n: entry.seq, at: showInstant(entry.since), why: reason(entry.code) });
  const said = (
    <>
      <Icon name={view ? kindIcon(view.kind) : "alert"} />
      <span class="grow">
        <strong class="line">{what}</strong>
        <small>{rest}</small>
      </span>
    </>
  );
  return <li>{view ? <a href={`#/record/${view.id}`}>{said}</a> : <span class="it">{said}</span>}</li>;
}

/** What does not go up although the rest does: kept, tried again, to be looked at. */
export function Stuck() {
  if (!toLookAt.value.length) return null;
  return (
    <>
      <h2>{t("phone.stuck.title")}</h2>
      <p>{t("phone.stuck.say")}</p>
      <ul class="card items flush">
        {toLookAt.value.map((entry) => <Item entry={entry} key={entry.seq} />)}
      </ul>
    </>
  );
}
