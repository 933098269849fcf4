import { type Camera, distance, type LatLon, fitted, metresPerPixel, scaleBar, stepped, toScreen } from "../map/geo";
import type { Point } from "../types";
import { t } from "../words";

const [WIDTH, HEIGHT] = [320, 168];
/** Known places further away, in metres, would only make the ring too small to see. */
const NEARBY = 120;
const six = (n: number) => n.toFixed(1);

/** A scale at which the ring of accuracy and what lies near can be seen. */
function view(point: Point, others: readonly LatLon[]): Camera {
  const reach = Math.max((point.acc ?? 0) * 1.3, 25);
  // Mirrored, because the place itself stays in the middle.
  const mirrored = others.map((other) => ({ lat: 2 * point.lat - other.lat, lon: 2 * point.lon - other.lon }));
  const edges = [stepped(point, reach, reach), stepped(point, -reach, -reach)];
  return fitted([...edges, ...others, ...mirrored], WIDTH, HEIGHT, 19)!;
}

/** The drawing in words. */
export const sketchWords = (point: Point): string =>
  point.acc == null ? t("phone.place.sketch.plain") : t("phone.place.sketch", { acc: Math.round(point.acc) });

/** A place with its ring, the known places around it, north and a scale. Drawn without any map. */
export function PlaceSketch({ point, others: known = [] }: { point: Point; others?: readonly LatLon[] }) {
  const others = known.filter((other) => distance(point, other) <= NEARBY);
  const camera = view(point, others);
  const perPixel = metresPerPixel(camera);
  const bar = scaleBar(perPixel, 110);
  return (
    <svg class="map" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={sketchWords(point)}>
      <path class="grid" d="M0 42h320M0 84h320M0 126h320M64 0v168M112 0v168M160 0v168M208 0v168M256 0v168" />
      {point.acc != null && <circle class="ring" cx={WIDTH / 2} cy={HEIGHT / 2} r={six(Math.max(point.acc / perPixel, 4))} />}
      {others.map((other) => {
        const [x, y] = toScreen(camera, other);
        return <circle class="other" cx={six(x)} cy={six(y)} r="6" key={`${x} ${y}`} />;
      })}
      <circle class="point" cx={WIDTH / 2} cy={HEIGHT / 2} r="7" />
      <path class="scale" d={`M14 146v8h${six(bar.pixels)}v-8`} />
      <text x="14" y="138">{bar.metres} m</text>
      <path class="scale" d="M298 40V14m-6 8 6-8 6 8" />
      <text x="292" y="60">{t("phone.place.north")}</text>
    </svg>
  );
}
