/** A map on a canvas: ground, ring, marks in clusters, a pin in the middle, north and scale; moved by finger, mouse and keys. */

import { type Camera, clustered, dragged, type LatLon, metresPerPixel, scaleBar, stepOf, stepped, toScreen, type XY, zoomed } from "./geo";
import type { Ground } from "./ground";
import type { Look } from "./looks";
import { type Paint, paintOf } from "./paint";

export interface Mark extends LatLon {
  id: string;
  /** Its shape and colour; hollow for what is done with. */
  look: Look;
  done: boolean;
}

export interface Shown {
  camera: Camera;
  ground: Ground | null;
  marks: readonly Mark[];
  /** Where GPS says one stands, in metres around it. */
  ring: (LatLon & { acc: number | null }) | null;
  /** A pin in the middle of the picture. */
  pin: boolean;
  chosen: string | null;
  north: string;
}

export interface Heard {
  moved(camera: Camera): void;
  tapped(members: Mark[]): void;
}

const TAP = 8;
const REACH = 24;

/** Draws whatever `shown` holds; call `redraw` after changing it. With nobody to hear it, it keeps still under finger and mouse. */
export class MapCanvas {
  private readonly fingers = new Map<number, XY>();
  private travelled = 0;
  private asked = 0;
  private readonly watching: ResizeObserver;
  private readonly scheme = matchMedia("(prefers-color-scheme: dark)");

  constructor(
    private readonly canvas: HTMLCanvasElement,
    readonly shown: Shown,
    private readonly heard: Heard | null,
  ) {
    this.watching = new ResizeObserver(() => this.measure());
    this.watching.observe(canvas);
    this.scheme.addEventListener("change", this.redraw);
    this.measure();
    if (!heard) return;
    canvas.addEventListener("pointerdown", this.down);
    canvas.addEventListener("pointermove", this.move);
    canvas.addEventListener("pointerup", this.up);
    canvas.addEventListener("pointercancel", this.up);
    canvas.addEventListener("wheel", this.wheel, { passive: false });
    canvas.addEventListener("keydown", this.key);
  }

  close(): void {
    this.watching.disconnect();
    this.scheme.removeEventListener("change", this.redraw);
    cancelAnimationFrame(this.asked);
  }

  readonly redraw = (): void => {
    cancelAnimationFrame(this.asked);
    this.asked = requestAnimationFrame(() => this.draw());
  };

  /** Show another part of the ground, and tell of it. */
  look(camera: Camera): void {
    this.shown.camera = camera;
    this.heard?.moved(camera);
    this.redraw();
  }

  private measure(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return;
    const dense = Math.min(devicePixelRatio || 1, 2);
    this.canvas.width = Math.round(width * dense);
    this.canvas.height = Math.round(height * dense);
    this.shown.camera = { ...this.shown.camera, width, height };
    this.redraw();
  }

  private draw(): void {
    const context = this.canvas.getContext("2d");
    if (!context) return;
    const { camera, ground } = this.shown;
    const paint = paintOf(this.canvas);
    const dense = this.canvas.width / camera.width;
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.fillStyle = paint.earth;
    context.fillRect(0, 0, camera.width, camera.height);
    grid(context, camera, paint);
    ground?.draw(context, camera, paint);
    if (this.shown.ring) ring(context, camera, this.shown.ring, paint);
    for (const group of clustered(camera, this.shown.marks)) mark(context, group, this.shown.chosen, paint);
    if (this.shown.pin) pin(context, camera, paint);
    bar(context, camera, this.shown.north, paint);
  }

  private readonly at = (event: PointerEvent | WheelEvent): XY => {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  private readonly down = (event: PointerEvent): void => {
    this.canvas.setPointerCapture(event.pointerId);
    if (!this.fingers.size) this.travelled = 0;
    this.fingers.set(event.pointerId, this.at(event));
  };

  private readonly move = (event: PointerEvent): void => {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const now = this.at(event);
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
    this.fingers.set(event.pointerId, now);
    if (this.travelled < TAP) return;
    const share = other ? 0.5 : 1;
    let camera = dragged(this.shown.camera, (now[0] - before[0]) * share, (now[1] - before[1]) * share);
    if (other) {
      const grown = Math.hypot(now[0] - other[0], now[1] - other[1]) / Math.max(Math.hypot(before[0] - other[0], before[1] - other[1]), 1);
      camera = zoomed(camera, Math.log2(Math.max(grown, 0.01)), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
    }
    this.look(camera);
  };

  private readonly up = (event: PointerEvent): void => {
    const at = this.fingers.get(event.pointerId);
    this.fingers.delete(event.pointerId);
    if (!at || this.fingers.size || this.travelled >= TAP || event.type !== "pointerup") return;
    const groups = clustered(this.shown.camera, this.shown.marks);
    const off = (group: { at: XY }) => Math.hypot(group.at[0] - at[0], group.at[1] - at[1]);
    const nearest = groups.sort((a, b) => off(a) - off(b))[0];
    this.heard?.tapped(nearest && off(nearest) <= REACH ? nearest.members : []);
  };

  /** The wheel scrolls the page, as everywhere, until the map has the keyboard or Ctrl is held. */
  private readonly wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && document.activeElement !== this.canvas) return;
    event.preventDefault();
    this.look(zoomed(this.shown.camera, -Math.sign(event.deltaY) / 2, this.at(event)));
  };

  private readonly key = (event: KeyboardEvent): void => {
    const { camera } = this.shown;
    const far = stepOf(camera) * (event.shiftKey ? 5 : 1);
    const to: Record<string, Camera> = {
      ArrowUp: { ...camera, ...stepped(camera, far, 0) },
      ArrowDown: { ...camera, ...stepped(camera, -far, 0) },
      ArrowLeft: { ...camera, ...stepped(camera, 0, -far) },
      ArrowRight: { ...camera, ...stepped(camera, 0, far) },
      "+": zoomed(camera, 1),
      "=": zoomed(camera, 1),
      "-": zoomed(camera, -1),
    };
    const next = event.ctrlKey || event.altKey || event.metaKey ? undefined : to[event.key];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    this.look(next);
  };
}

/** Lines that lie on the ground, so that moving is seen where there is no map. */
function grid(context: CanvasRenderingContext2D, camera: Camera, paint: Paint): void {
  const { pixels } = scaleBar(metresPerPixel(camera), 110);
  const [ox, oy] = toScreen(camera, { lat: Math.round(camera.lat * 50) / 50, lon: Math.round(camera.lon * 50) / 50 });
  context.strokeStyle = paint.line;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = ((ox % pixels) + pixels) % pixels; x < camera.width; x += pixels) context.rect(x, 0, 0, camera.height);
  for (let y = ((oy % pixels) + pixels) % pixels; y < camera.height; y += pixels) context.rect(0, y, camera.width, 0);
  context.stroke();
}

function ring(context: CanvasRenderingContext2D, camera: Camera, here: LatLon & { acc: number | null }, paint: Paint): void {
  const [x, y] = toScreen(camera, here);
  if (here.acc != null) {
    context.beginPath();
    context.arc(x, y, Math.max(here.acc / metresPerPixel(camera), 4), 0, 2 * Math.PI);
    context.globalAlpha = 0.18;
    context.fillStyle = paint.river;
    context.fill();
    context.globalAlpha = 1;
    context.setLineDash([6, 4]);
    context.lineWidth = 2;
    context.strokeStyle = paint.river;
    context.stroke();
    context.setLineDash([]);
  }
  dot(context, x, y, 7, paint.river, paint.paper);
}

function dot(context: CanvasRenderingContext2D, x: number, y: number, radius: number, fill: string, edge: string): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 3;
  context.strokeStyle = edge;
  context.stroke();
}

/**
 * Shape and colour both tell the risk: a triangle, a square, a dot; a question in a diamond where nobody has judged it.
 * What is done with is hollow. Many are their number.
 */
function mark(context: CanvasRenderingContext2D, { at: [x, y], members }: { at: XY; members: Mark[] }, chosen: string | null, paint: Paint): void {
  const [first] = members as [Mark];
  if (members.some(({ id }) => id === chosen)) dot(context, x, y, 18, paint.paper, paint.focus);
  if (members.length > 1) {
    const worst = (["brick", "lamp", "river", "unknown"] as const).find((look) => members.some((one) => one.look === look && !one.done));
    dot(context, x, y, members.length > 99 ? 20 : 16, paint.ink, worst ? colourOf(worst, paint) : paint.paper);
    letter(context, x, y, String(members.length), paint.paper, paint);
    return;
  }
  context.beginPath();
  if (first.look === "brick") {
    context.moveTo(x, y - 11);
    context.lineTo(x + 11, y + 8);
    context.lineTo(x - 11, y + 8);
    context.closePath();
  } else if (first.look === "lamp") context.rect(x - 8, y - 8, 16, 16);
  else if (first.look === "river") context.arc(x, y, 8, 0, 2 * Math.PI);
  else {
    context.moveTo(x, y - 13);
    context.lineTo(x + 13, y);
    context.lineTo(x, y + 13);
    context.lineTo(x - 13, y);
    context.closePath();
  }
  context.lineJoin = "round";
  context.lineWidth = 5;
  context.strokeStyle = paint.paper;
  context.stroke();
  const isHollow = first.done || first.look === "unknown";
  context.fillStyle = isHollow ? paint.paper : colourOf(first.look, paint);
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = first.done ? colourOf(first.look, paint) : paint.ink;
  context.stroke();
  if (first.look === "unknown" && !first.done) letter(context, x, y, "?", paint.ink, paint);
}

const colourOf = (look: Look, paint: Paint): string => (look === "unknown" ? paint.edge : paint[look]);

function letter(context: CanvasRenderingContext2D, x: number, y: number, text: string, colour: string, paint: Paint): void {
  context.fillStyle = colour;
  context.font = `700 16px ${paint.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 1);
}

/** The pin's point is the middle of the picture. */
function pin(context: CanvasRenderingContext2D, { width, height }: Camera, paint: Paint): void {
  const [x, y] = [width / 2, height / 2];
  context.beginPath();
  context.moveTo(x, y);
  context.bezierCurveTo(x - 6, y - 12, x - 15, y - 20, x - 15, y - 30);
  context.arc(x, y - 30, 15, Math.PI, 0);
  context.bezierCurveTo(x + 15, y - 20, x + 6, y - 12, x, y);
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = paint.paper;
  context.stroke();
  context.fillStyle = paint.brick;
  context.fill();
  dot(context, x, y - 30, 5, paint.on_brick, paint.on_brick);
}

/** North is up; the bar says how long so many metres are. */
function bar(context: CanvasRenderingContext2D, camera: Camera, north: string, paint: Paint): void {
  const { metres, pixels } = scaleBar(metresPerPixel(camera), 120);
  const y = camera.height - 14;
  const right = camera.width - 20;
  const lines = () => {
    context.beginPath();
    context.moveTo(14, y - 6);
    context.lineTo(14, y);
    context.lineTo(14 + pixels, y);
    context.lineTo(14 + pixels, y - 6);
    context.moveTo(right, 40);
    context.lineTo(right, 14);
    context.moveTo(right - 6, 22);
    context.lineTo(right, 14);
    context.lineTo(right + 6, 22);
    context.stroke();
  };
  context.lineJoin = context.lineCap = "round";
  for (const [width, colour] of [[6, paint.paper], [2, paint.ink]] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    lines();
  }
  context.font = `16px ${paint.font}`;
  context.lineWidth = 4;
  context.strokeStyle = paint.paper;
  context.fillStyle = paint.ink;
  context.textBaseline = "alphabetic";
  for (const [text, x, at, align] of [[metres >= 1000 ? `${metres / 1000} km` : `${metres} m`, 14, y - 12, "left"], [north, right, 58, "center"]] as const) {
    context.textAlign = align;
    context.strokeText(text, x, at);
    context.fillText(text, x, at);
  }
}
