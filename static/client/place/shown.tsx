import { showPlace } from "../forms/answers";
import { isPlace } from "../map/near";
import { Icon } from "../pieces/icon";
import { showInstant } from "../pieces/dates";
import type { FormSpec, Point, View } from "../types";
import { t } from "../words";
import { openSites } from "./near-here";
import { PlaceSketch } from "./sketch";

/** Where a record is: its drawing, how exact and how measured, and the way into the phone's own map application. */
export function PlaceShown({ spec, view }: { spec: FormSpec; view: View }) {
  const place = spec.place ? view.data[spec.place] : null;
  if (!isPlace(place)) return null;
  const isOpen = spec.fields[spec.place!]?.sensitivity === "normal";
  const others = isOpen ? openSites(spec, view.id).map((other) => other.data[spec.place!] as Point) : [];
  const exact = place.acc == null ? t("phone.place.inexact") : t("phone.place.exact", { acc: Math.round(place.acc) });
  const how = t(place.how === "gps" ? "phone.place.how.gps" : place.how === "map" ? "phone.place.on_map" : "phone.place.by_hand");
  const uri = `geo:${place.lat.toFixed(6)},${place.lon.toFixed(6)}${place.acc == null ? "" : `;u=${Math.round(place.acc)}`}`;
  return (
    <section class="card stack">
      <h2>{t("phone.place.title")}</h2>
      <PlaceSketch point={place} others={others} />
      <p>{[exact, how, place.at && showInstant(place.at)].filter(Boolean).join(" · ")}</p>
      <a class="btn wide" href={uri}>
        <Icon name="pin" /> <span>{t("phone.place.elsewhere", { point: showPlace({ ...place, acc: null }) })}</span>
      </a>
    </section>
  );
}
