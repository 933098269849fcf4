import { useEffect, useRef, useState } from "preact/hooks";

import { MapCanvas, type Mark } from "../map/canvas";
import { zoomed } from "../map/geo";
import { type Ground, openFile } from "../map/ground";
import { isWhole, Pieces } from "../map/ward-file";
import { Icon } from "../pieces/icon";
import { kit } from "../state";
import type { Point } from "../types";
import { t } from "../words";

/** Near enough to see which houses stand around it. */
const CLOSE = 17;

/** The ward's map where it lies on this phone and has this place; null otherwise. */
function useGround(point: Point, redraw: () => void): Ground | null {
  const [ground, setGround] = useState<Ground | null>(null);
  useEffect(() => {
    const map = kit.value?.map;
    const open = async () => (map && (await isWhole(map)) ? openFile(new Pieces(map), redraw) : null);
    void open().then((found) => setGround(found?.covers(point) ? found : null), () => setGround(null));
  }, [kit.value?.map?.file, point.lat, point.lon]);
  return ground;
}

interface Props {
  point: Point;
  others: Mark[];
  label: string;
  /** What stands here as long as there is no map. */
  plain: preact.JSX.Element;
}

/** A record's place on the ward's map, with its ring and what is known around it. It keeps still, so that a finger scrolls the page. */
export function PointMap({ point, others, label, plain }: Props) {
  const element = useRef<HTMLCanvasElement>(null);
  const canvas = useRef<MapCanvas | null>(null);
  const ground = useGround(point, () => canvas.current?.redraw());
  useEffect(() => {
    if (!ground) return;
    const camera = { lat: point.lat, lon: point.lon, zoom: CLOSE, width: 320, height: 208 };
    const shown = { camera, ground, marks: others, ring: point, pin: true, chosen: null, north: t("phone.place.north") };
    const made = new MapCanvas(element.current!, shown, null);
    canvas.current = made;
    return () => made.close();
  }, [ground]);
  if (!ground) return plain;
  const near = (by: number) => canvas.current?.look(zoomed(canvas.current.shown.camera, by));
  return (
    <div class="map-frame">
      <canvas class="map-canvas still" ref={element} role="img" aria-label={label} />
      <p class="map-tools">
        <button type="button" class="btn" onClick={() => near(1)} aria-label={t("phone.map.in")}><Icon name="plus" /></button>
        <button type="button" class="btn" onClick={() => near(-1)} aria-label={t("phone.map.out")}><span aria-hidden="true">−</span></button>
      </p>
    </div>
  );
}
