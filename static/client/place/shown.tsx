import { useEffect, useState } from "preact/hooks";

import { showPlace } from "../forms/answers";
import type { Mark } from "../map/canvas";
import { lookOf } from "../map/looks";
import { isPlace } from "../map/near";
import { Icon } from "../pieces/icon";
import { showInstant } from "../pieces/dates";
import { kit } from "../state";
import type { FormSpec, Point, View } from "../types";
import { t } from "../words";
import { openSites } from "./near-here";
import { PlaceSketch, sketchWords } from "./sketch";

type Maps = typeof import("./point-map");

/** The drawing of a place: plain, and on the ward's map once that has come from where it lies on this phone. */
function Drawing({ point, others }: { point: Point; others: Mark[] }) {
  const [maps, setMaps] = useState<Maps | null>(null);
  const hasMap = Boolean(kit.value?.map);
  useEffect(() => {
    if (hasMap) void import("./point-map").then(setMaps, () => undefined);
  }, [hasMap]);
  const plain = <PlaceSketch point={point} others={others} />;
  return maps ? <maps.PointMap point={point} others={others} label={sketchWords(point)} plain={plain} /> : plain;
}

/** Where a record is: its drawing, how exact and how measured, and the way into the phone's own map application. */
export function PlaceShown({ spec, view }: { spec: FormSpec; view: View }) {
  const place = spec.place ? view.data[spec.place] : null;
  if (!isPlace(place)) return null;
  const isOpen = spec.fields[spec.place!]?.sensitivity === "normal";
  const others = isOpen ? openSites(spec, view.id).map(({ id, data }): Mark => {
    const { lat, lon } = data[spec.place!] as Point;
    return { id, lat, lon, look: lookOf(data["risk"]), done: false };
  }) : [];
  const exact = place.acc == null ? t("phone.place.inexact") : t("phone.place.exact", { acc: Math.round(place.acc) });
  const how = t(place.how === "gps" ? "phone.place.how.gps" : place.how === "map" ? "phone.place.on_map" : "phone.place.by_hand");
  const uri = `geo:${place.lat.toFixed(6)},${place.lon.toFixed(6)}${place.acc == null ? "" : `;u=${Math.round(place.acc)}`}`;
  return (
    <section class="card stack">
      <h2>{t("phone.place.title")}</h2>
      <Drawing point={place} others={others} />
      <p>{[exact, how, place.at && showInstant(place.at)].filter(Boolean).join(" · ")}</p>
      <a class="btn wide" href={uri}>
        <Icon name="pin" /> <span>{t("phone.place.elsewhere", { point: showPlace({ ...place, acc: null }) })}</span>
      </a>
    </section>
  );
}
