import { useEffect, useRef, useState } from "preact/hooks";

import { answer } from "../forms/working";
import { MapCanvas, type Mark, type Shown } from "../map/canvas";
import { type Camera, distance, isOutside, type LatLon, stepOf, stepped, wind, zoomed } from "../map/geo";
import { type Ground, openFile } from "../map/ground";
import { lookOf } from "../map/looks";
import { isPlace } from "../map/near";
import { Pieces } from "../map/ward-file";
import { Icon } from "../pieces/icon";
import { Page } from "../pieces/page";
import { Say } from "../pieces/say";
import { nameOf, specOf } from "../pieces/titles";
import { kit } from "../state";
import type { Draft, Point } from "../types";
import { t } from "../words";
import { fix, warm } from "./fix";
import { openSites } from "./near-here";
import { useWardMap, WardMap } from "./ward-map";

/** Near enough to see a house; a point that was not moved further than this is still the measured one. */
const CLOSE = 18;
const SAME = 0.5;

/** Where to begin: at the answer, where the phone is, where others of the group are, in the middle of the ward. */
function beginning(value: Point | null, others: Mark[]): LatLon & { zoom: number } {
  const known = value ?? fix.value?.point;
  if (known) return { lat: known.lat, lon: known.lon, zoom: CLOSE };
  if (others[0]) return { lat: others[0].lat, lon: others[0].lon, zoom: 16 };
  const [south, west, north, east] = kit.value!.box;
  return { lat: (south + north) / 2, lon: (west + east) / 2, zoom: 14 };
}

function sites(draft: Draft): Mark[] {
  const spec = specOf(draft.kind);
  if (!spec?.place || spec.fields[spec.place]?.sensitivity !== "normal") return [];
  return openSites(spec, draft.record).map((view) => {
    const { lat, lon } = view.data[spec.place!] as Point;
    return { id: view.id, lat, lon, look: lookOf(view.data["risk"]), done: false };
  });
}

/** The canvas, living as long as the page, and where its pin is. */
function useCanvas(start: LatLon & { zoom: number }, here: Point | null, marks: Mark[], tapped: (id: string) => void) {
  const element = useRef<HTMLCanvasElement>(null);
  const canvas = useRef<MapCanvas | null>(null);
  const [view, setView] = useState<Camera>({ ...start, width: 320, height: 320 });
  useEffect(() => {
    const shown: Shown = { camera: view, ground: null, marks, ring: null, pin: true, chosen: null, north: t("phone.place.north") };
    const made = new MapCanvas(element.current!, shown, {
      moved: setView,
      tapped: (members) => members.length === 1 && tapped(members[0]!.id),
    });
    canvas.current = made;
    return () => made.close();
  }, []);
  useEffect(() => {
    if (!canvas.current) return;
    canvas.current.shown.ring = here;
    canvas.current.redraw();
  }, [here]);
  return { element, canvas, view };
}

function useGround(canvas: { current: MapCanvas | null }, isHere: boolean): Ground | null {
  const [ground, setGround] = useState<Ground | null>(null);
  useEffect(() => {
    const map = kit.value?.map;
    if (!map || !isHere) return setGround(null);
    void openFile(new Pieces(map), () => canvas.current?.redraw()).then(setGround, () => setGround(null));
  }, [isHere]);
  useEffect(() => {
    if (!canvas.current) return;
    canvas.current.shown.ground = ground;
    canvas.current.redraw();
  }, [ground]);
  return ground;
}

/** Where the pin is, in words: the canvas says nothing to those who do not see it. */
function pinWords(pin: LatLon, here: Point | null): string {
  const point = `${pin.lat.toFixed(5)}, ${pin.lon.toFixed(5)}`;
  if (!here) return t("phone.map.pin", { point });
  const metres = Math.round(distance(here, pin));
  if (metres < 1) return t("phone.map.pin.here", { acc: here.acc ?? "?" });
  return t("phone.map.pin.off", { n: metres, wind: t(`phone.wind.${wind(here, pin)}`) });
}

const ARROWS = [
  { key: "n", north: 1, east: 0 },
  { key: "w", north: 0, east: -1 },
  { key: "e", north: 0, east: 1 },
  { key: "s", north: -1, east: 0 },
] as const;

function Arrows({ view, go }: { view: Camera; go: (camera: Camera) => void }) {
  const step = stepOf(view);
  const move = (north: number, east: number) => go({ ...view, ...stepped(view, north * step, east * step) });
  return (
    <div class="map-arrows" role="group" aria-label={t("phone.map.arrows")}>
      {ARROWS.map(({ key, north, east }) => (
        <button type="button" class={`btn arrow ${key}`} onClick={() => move(north, east)} aria-label={t(`phone.map.to.${key}`, { n: step })} key={key}>
          <Icon name="send" />
        </button>
      ))}
    </div>
  );
}

/** A place chosen by moving the ground under a pin, by finger or by buttons; with the ward's map or without. */
export function MapPage({ draft, field }: { draft: Draft; field: string }) {
  const value = isPlace(draft.values[field]) ? (draft.values[field] as Point) : null;
  const [marks] = useState(() => sites(draft));
  const [start] = useState(() => beginning(value, marks));
  const [chosen, setChosen] = useState("");
  const here = fix.value?.point ?? (value?.how === "gps" ? value : null);
  const { element, canvas, view } = useCanvas(start, here, marks, setChosen);
  const pin = { lat: view.lat, lon: view.lon };
  const ward = useWardMap();
  const ground = useGround(canvas, ward.isHere);
  useEffect(warm, []);
  const measured = here && distance(here, pin) < SAME ? here : null;
  const use = () => {
    const how = ground?.covers(pin) ? "map" : "manual";
    const put: Point = { lat: pin.lat, lon: pin.lon, acc: null, how, at: new Date().toISOString() };
    answer(field, measured ?? (value && distance(value, pin) < SAME ? value : put));
    history.back();
  };
  const near = (by: number) => canvas.current?.look(zoomed(canvas.current.shown.camera, by));
  const home = () => canvas.current?.look({ ...canvas.current.shown.camera, ...here!, zoom: CLOSE });
  const spec = specOf(draft.kind);
  const site = chosen ? openSites(spec!, draft.record).find(({ id }) => id === chosen) : undefined;
  return (
    <Page
      title={t("phone.map.title")}
      under={t("phone.map.how")}
      back={`#/form/${draft.id}/${draft.section + 1}`}
      dock={<button type="button" class="btn main" onClick={use}>{t("phone.map.use")}</button>}
    >
      <div class="map-frame">
        <canvas class="map-canvas" ref={element} role="img" aria-label={t("phone.map.drawing", { n: marks.length })} />
        <p class="map-tools">
          <button type="button" class="btn" onClick={() => near(1)} aria-label={t("phone.map.in")}><Icon name="plus" /></button>
          <button type="button" class="btn" onClick={() => near(-1)} aria-label={t("phone.map.out")}><span aria-hidden="true">−</span></button>
          {here && <button type="button" class="btn" onClick={home} aria-label={t("phone.map.home")}><Icon name="pin" /></button>}
        </p>
      </div>
      <div class="row map-below">
        <p class="grow" role="status">{pinWords(pin, here)}</p>
        <Arrows view={view} go={(camera) => canvas.current?.look({ ...canvas.current.shown.camera, lat: camera.lat, lon: camera.lon })} />
      </div>
      {site && <p class="row" role="status"><Icon name="info" /><span>{t("phone.map.site", { name: nameOf(site) })}</span></p>}
      {kit.value && isOutside(kit.value.box, pin) && <Say tone="warn">{t("phone.place.outside", { ward: kit.value.ward.name })}</Say>}
      <WardMap {...ward} />
    </Page>
  );
}
