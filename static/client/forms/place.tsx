import { useEffect, useRef, useState } from "preact/hooks";

import { type PlaceFailure, watchPlace } from "../device/place";
import { t } from "../i18n";
import { SignButton } from "../pieces/button";
import { Icon } from "../pieces/icon";
import { Say } from "../pieces/say";
import type { Point } from "../types";
import { showPlace } from "./answers";
import type { WidgetProps } from "./fields";

/** Exact enough to stop looking by itself, in metres. */
const GOOD = 10;

const asPoint = (value: unknown): Point | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Point) : null;

/** Watch the position while asked to, keeping the most exact one. */
function useLooking(take: (point: Point) => void) {
  const [looking, setLooking] = useState(false);
  const [best, setBest] = useState<Point | null>(null);
  const [failure, setFailure] = useState<PlaceFailure | null>(null);
  const stop = useRef<() => void>(() => undefined);
  const end = () => {
    stop.current();
    setLooking(false);
  };
  const begin = () => {
    setBest(null);
    setFailure(null);
    setLooking(true);
    let nearest: Point | null = null;
    stop.current = watchPlace(
      (point) => {
        if (nearest && (nearest.acc ?? Infinity) <= (point.acc ?? Infinity)) return;
        setBest((nearest = point));
        // Kept at once: whoever goes on before GPS is exact keeps what there was.
        take(point);
        if ((point.acc ?? Infinity) <= GOOD) end();
      },
      (why) => {
        if (!nearest) setFailure(why);
        end();
      },
    );
  };
  const use = (point: Point) => {
    end();
    take(point);
  };
  useEffect(() => () => stop.current(), []);
  return { looking, best, failure, begin, end, use };
}

function Looking({ best, use, end, id }: { best: Point | null; use: (point: Point) => void; end: () => void; id: string }) {
  const acc = best?.acc == null ? null : Math.round(best.acc);
  return (
    <>
      <p class="row" role="status">
        <Icon name="pin" />
        <span class="grow">{acc === null ? t("phone.place.searching") : t("phone.place.near", { acc })}</span>
      </p>
      <div class="chips">
        {best && (
          <button type="button" class="btn main" id={id} onClick={() => use(best)}>
            {t("phone.place.use", { acc: acc ?? "?" })}
          </button>
        )}
        <button type="button" class="btn" onClick={end}>
          {t("phone.place.stop")}
        </button>
      </div>
    </>
  );
}

function Taken({ point, again, remove, id }: { point: Point; again: () => void; remove: () => void; id: string }) {
  return (
    <>
      <p class="row">
        <Icon name="done" />
        <span class="grow">
          <strong>{point.acc == null ? t("phone.place.has.plain") : t("phone.place.has", { acc: Math.round(point.acc) })}</strong>
          <small class="line num">{showPlace({ ...point, acc: null })}</small>
        </span>
      </p>
      <div class="chips">
        <button type="button" class="btn" id={id} onClick={again}>
          {t("phone.place.again")}
        </button>
        <button type="button" class="btn quiet" onClick={remove}>
          {t("phone.place.remove")}
        </button>
      </div>
    </>
  );
}

/** The position of where the phone stands now, with how exact it is; it grows more exact while one waits. */
export function PlaceInput(props: WidgetProps) {
  const point = asPoint(props.value);
  const { looking, best, failure, begin, end, use } = useLooking(props.change);
  return (
    <div class={point && !looking ? "place has" : "place"} aria-describedby={props.describedBy}>
      {looking ? (
        <Looking best={best} use={use} end={end} id={props.id} />
      ) : point ? (
        <Taken point={point} again={begin} remove={() => props.change(null)} id={props.id} />
      ) : (
        <SignButton icon="pin" class="wide" id={props.id} onClick={begin}>
          {t("phone.place.get")}
        </SignButton>
      )}
      {failure && !looking && <Say tone="warn" live>{t(failure === "refused" ? "phone.place.denied" : "phone.place.failed")}</Say>}
    </div>
  );
}
