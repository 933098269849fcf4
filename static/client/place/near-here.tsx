import { useState } from "preact/hooks";

import { type Near, isPlace, near, siteOf } from "../map/near";
import { Icon } from "../pieces/icon";
import { Say } from "../pieces/say";
import { titleOf } from "../pieces/titles";
import { records } from "../state";
import type { FormSpec, Values, View } from "../types";
import { t } from "../words";

/** What the ward is done with, or does not have, is not the place that is being written down. */
const DONE = new Set(["closed", "duplicate", "withdrawn", "quarantined"]);
const MOST = 3;

/** Records of the same kind on this phone that are still open and have a place. */
export function openSites(spec: FormSpec, but: string | null): View[] {
  return records.value.filter(
    (view) => view.kind === spec.kind && view.id !== but && !view.withdrawn && !DONE.has(view.ward ?? "") && isPlace(view.data[spec.place!]),
  );
}

/** Those of them that may be what these answers are about. */
export function nearHere(spec: FormSpec, values: Values, but: string | null): Near[] {
  if (!spec.place || spec.parent || spec.fields[spec.place]?.sensitivity !== "normal") return [];
  return near(siteOf(spec, "", values), openSites(spec, but).map((view) => siteOf(spec, view.id, view.data))).slice(0, MOST);
}

/** Asks whether the place is one that is known already, and leads there. Nothing is decided for the writer. */
export function NearHere({ spec, values, but }: { spec: FormSpec; values: Values; but: string | null }) {
  const [dismissed, setDismissed] = useState<string[]>([]);
  const found = nearHere(spec, values, but).filter(({ id }) => !dismissed.includes(id));
  if (!found.length) return null;
  const named = (one: Near) => titleOf(spec.kind, records.value.find(({ id }) => id === one.id)!.data);
  const first = { n: found.length, name: named(found[0]!), metres: found[0]!.metres };
  return (
    <Say tone="news" icon="pin" live>
      <p>{t(found.length === 1 ? "phone.near.one" : "phone.near.many", first)}</p>
      <div class="chips">
        {found.map((one) => (
          <a class="btn" href={`#/record/${one.id}`} key={one.id}>
            <span>{t("phone.near.open", { name: named(one), metres: one.metres })}</span> <Icon name="next" />
          </a>
        ))}
        <button type="button" class="btn" onClick={() => setDismissed([...dismissed, ...found.map(({ id }) => id)])}>
          {t("phone.near.other")}
        </button>
      </div>
      <p class="hint">{t("phone.near.kept")}</p>
    </Say>
  );
}
