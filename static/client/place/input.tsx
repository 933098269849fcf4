import { useEffect, useRef, useState } from "preact/hooks";

import { showPlace } from "../forms/answers";
import { holds } from "../forms/conditions";
import type { WidgetProps } from "../forms/fields";
import { working } from "../forms/working";
import { isOutside } from "../map/geo";
import { isPlace } from "../map/near";
import { SignButton, SignLink } from "../pieces/button";
import { isoDay, showInstant } from "../pieces/dates";
import { Icon } from "../pieces/icon";
import { Say } from "../pieces/say";
import { specOf } from "../pieces/titles";
import { kit } from "../state";
import type { Point } from "../types";
import { t } from "../words";
import { again, failure, fix, look, warm } from "./fix";
import { NearHere, openSites } from "./near-here";
import { PlaceSketch } from "./sketch";

/** Exact enough to stop measuring by itself, in metres, once several readings agree or a moment has passed. */
const GOOD = 10;
const SEVERAL = 3;
const MOMENT = 4_000;
const STALE = 30_000;

/** How old something is, in words that stay true for a while. */
export function ageWords(at: string | null, now: number): string {
  const seconds = at ? Math.round((now - Date.parse(at)) / 1000) : NaN;
  if (Number.isNaN(seconds)) return "";
  if (seconds < 10) return t("phone.place.age.now");
  if (seconds < 60) return t("phone.place.age.seconds", { n: seconds });
  return seconds < 3600 ? t("phone.place.age.minutes", { n: Math.round(seconds / 60) }) : t("phone.place.age.at", { at: showInstant(at!) });
}

function useNow(every: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** Measure while asked to. What is known so far is the answer at once: whoever goes on early keeps it. */
function useMeasuring(take: (point: Point) => void) {
  const [since, setSince] = useState(0);
  const leave = useRef<() => void>(() => undefined);
  const end = () => {
    leave.current();
    setSince(0);
  };
  const begin = () => {
    // What was seen a while ago may be of another place: she has walked since.
    if (fix.value && Date.now() - Date.parse(fix.value.point.at!) > STALE) again();
    leave.current = look();
    setSince(Date.now());
  };
  const found = since ? fix.value : null;
  const now = useNow(since ? 1_000 : 30_000);
  useEffect(() => {
    if (found) take(found.point);
  }, [found]);
  useEffect(() => {
    if (!since) return;
    if (found && found.point.acc! <= GOOD && (found.count >= SEVERAL || now - since > MOMENT)) end();
    if (!found && failure.value) end();
  });
  useEffect(() => () => leave.current(), []);
  return { measuring: since > 0, found, now, begin, end };
}

function Measuring({ found, now, end, id }: { found: { point: Point; count: number } | null; now: number; end: () => void; id: string }) {
  if (!found) {
    return (
      <>
        <p class="row" role="status">
          <Icon name="pin" />
          <span class="grow">{t("phone.place.searching")}</span>
        </p>
        <button type="button" class="btn" onClick={end}>{t("phone.place.stop")}</button>
      </>
    );
  }
  const acc = found.point.acc!;
  return (
    <>
      <PlaceSketch point={found.point} />
      <p class="row" role="status">
        <Icon name="pin" />
        <span class="grow">
          <strong>{t("phone.place.near", { acc })}</strong>
          <small class="line">{t("phone.place.measured", { n: found.count, age: ageWords(found.point.at, now) })}</small>
        </span>
      </p>
      <button type="button" class="btn main wide" id={id} onClick={end}>{t("phone.place.use", { acc })}</button>
    </>
  );
}

function Taken({ point, now, map, children }: { point: Point; now: number; map: string; children: preact.ComponentChildren }) {
  const draft = working.value;
  const spec = draft ? specOf(draft.kind) : undefined;
  const others = spec ? openSites(spec, draft!.record).map((view) => view.data[spec.place!] as Point) : [];
  const words = point.how === "gps"
    ? point.acc == null ? t("phone.place.has.plain") : t("phone.place.has", { acc: Math.round(point.acc) })
    : t(point.how === "map" ? "phone.place.on_map" : "phone.place.by_hand");
  return (
    <>
      <PlaceSketch point={point} others={others} />
      <p class="row">
        <Icon name="done" />
        <span class="grow">
          <strong>{words}</strong>
          <small class="line num">{[showPlace({ ...point, acc: null }), ageWords(point.at, now)].filter(Boolean).join(" · ")}</small>
        </span>
      </p>
      <SignLink icon="pin" class="wide" href={map}>{t("phone.place.open_map")}</SignLink>
      <div class="chips">{children}</div>
    </>
  );
}

/** Outside of the ward's box a point is asked about, never refused; not when the form's own warning says as much. */
function Outside({ props, point }: { props: WidgetProps; point: Point }) {
  const own = props.field.warn?.some(({ when }) => when[0] === "outside" && holds(when, { [props.name]: point }, isoDay()));
  const box = kit.value?.box;
  if (own || !box || !isOutside(box, point)) return null;
  return <Say tone="warn" live>{t("phone.place.outside", { ward: kit.value!.ward.name })}</Say>;
}

/** A place: measured while one stands there, moved on a map, or both; and whether it is known already. */
export function PlaceInput(props: WidgetProps) {
  const point = isPlace(props.value) ? props.value : null;
  const { measuring, found, now, begin, end } = useMeasuring(props.change);
  useEffect(warm, []);
  const draft = working.value;
  const spec = draft ? specOf(draft.kind) : undefined;
  const map = `#/pick/${draft?.id ?? ""}/${props.name}`;
  const anew = () => {
    again();
    begin();
  };
  return (
    <>
      <div class={point && !measuring ? "place has" : "place"} aria-describedby={props.describedBy}>
        {measuring ? (
          <Measuring found={found} now={now} end={end} id={props.id} />
        ) : point ? (
          <Taken point={point} now={now} map={map}>
            <button type="button" class="btn" id={props.id} onClick={anew}>{t("phone.place.again")}</button>
            <button type="button" class="btn quiet" onClick={() => props.change(null)}>{t("phone.place.remove")}</button>
          </Taken>
        ) : (
          <>
            <SignButton icon="pin" class="wide" id={props.id} onClick={begin}>{t("phone.place.get")}</SignButton>
            {fix.value && now - Date.parse(fix.value.point.at!) < 2 * STALE && <p class="hint">{t("phone.place.warm", { acc: fix.value.point.acc! })}</p>}
            <SignLink icon="ward" class="quiet wide" href={map}>{t("phone.place.choose_map")}</SignLink>
          </>
        )}
        {failure.value && !point && !measuring && (
          <Say tone="warn" live>{t(failure.value === "refused" ? "phone.place.denied" : "phone.place.failed")}</Say>
        )}
      </div>
      {point && !measuring && <Outside props={props} point={point} />}
      {point && !measuring && spec && spec.place === props.name && <NearHere spec={spec} values={{ ...draft!.values, [props.name]: point }} but={draft!.record} />}
    </>
  );
}
