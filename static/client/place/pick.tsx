import { useEffect, useState } from "preact/hooks";

import { Page } from "../pieces/page";
import { specOf } from "../pieces/titles";
import { Picker } from "../screens/child-picker";
import type { Draft } from "../types";
import { t } from "../words";

type Maps = typeof import("./map-page");

/** An answer chosen on a page of its own: a place on the map, or another record. The map comes when it is asked for. */
export function Pick({ draft, field }: { draft: Draft; field: string }) {
  const isMap = specOf(draft.kind)?.fields[field]?.widget === "place";
  const [maps, setMaps] = useState<Maps | "failed" | null>(null);
  useEffect(() => {
    if (isMap) void import("./map-page").then(setMaps, () => setMaps("failed"));
  }, [isMap]);
  if (!isMap) return <Picker draft={draft} field={field} />;
  if (maps && maps !== "failed") return <maps.MapPage draft={draft} field={field} />;
  return (
    <Page title={t("phone.map.title")} back={`#/form/${draft.id}/${draft.section + 1}`}>
      <p class="hint">{t(maps ? "phone.part.missing" : "phone.starting")}</p>
    </Page>
  );
}
