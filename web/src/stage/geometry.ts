import { polygonHull } from 'd3-polygon';
import { scaleLinear } from 'd3-scale';

/** The plane that the vectors of the worked example are drawn in. Nothing of attention is computed here. */
export type Point = readonly [x: number, y: number];

/** A square part of the plane: from `low` to `low + size` in each direction. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

/** Room on each side of what is shown, as a share of it: a point can be dragged without leaving the view. */
const ROOM = 0.35;
/** Below this share of the view the points are too small to see. */
const SMALL = 0.3;

/** The smallest square of whole ticks around the points, with room on each side. */
export function viewOf(points: readonly Point[]): View {
  const finite = points.filter((point) => point.every(Number.isFinite));
  const bounds = ([0, 1] as const).map((axis) => {
    const along = finite.map((point) => point[axis]);
    return { low: Math.min(...along), high: Math.max(...along) };
  });
  const extent = Math.max(...bounds.map(({ low, high }) => high - low), 0) || 2;
  const [tick = 1] = scaleLinear().domain([0, extent]).ticks(5).slice(1);
  const low = bounds.map((bound) => {
    const middle = (bound.low + bound.high) / 2;
    const edge = Number.isFinite(middle) ? middle - extent * (0.5 + ROOM) : 0;
    return Math.floor(edge / tick + 1e-9) * tick;
  });
  const size = Math.ceil((extent * (1 + 2 * ROOM)) / tick + 1e-9) * tick;
  return { x: low[0] ?? 0, y: low[1] ?? 0, size };
}

/** Keeps a view while it still suits the points, so that the plane does not jump under a finger. */
export function settledView(before: View | null, points: readonly Point[]): View {
  const wanted = viewOf(points);
  const suits =
    before !== null &&
    points.every((point) => isInside(before, point)) &&
    wanted.size > before.size * SMALL;
  return suits ? before : wanted;
}

export function isInside({ x, y, size }: View, [a, b]: Point): boolean {
  return a >= x && a <= x + size && b >= y && b <= y + size;
}

export function ticksOf(from: number, size: number, count = 7): number[] {
  return scaleLinear()
    .domain([from, from + size])
    .ticks(count);
}

/** Points move in steps of this: a round number near a seventieth of the view. */
export function stepOf({ size }: View): number {
  const [first = 0, second = size / 70] = scaleLinear().domain([0, size]).ticks(70);
  return second - first;
}

/** The nearest point that is a whole number of steps, without the noise of binary fractions, in the view. */
export function snap([x, y]: Point, view: View): Point {
  const step = stepOf(view);
  const nearest = (value: number, low: number) => {
    const inside = Math.min(Math.max(value, low), low + view.size);
    return Number((Math.round(inside / step) * step).toPrecision(7)) + 0;
  };
  return [nearest(x, view.x), nearest(y, view.y)];
}

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** The point after an arrow key: a step further, or ten; null for another key. It may leave the view. */
export function moved([x, y]: Point, key: string, isFar: boolean, view: View): Point | null {
  const direction = ARROWS[key];
  if (!direction) return null;
  const step = stepOf(view) * (isFar ? 10 : 1);
  const along = (value: number, sign: number) => Number((value + sign * step).toPrecision(7)) + 0;
  return [along(x, direction[0]), along(y, direction[1])];
}

/** The foot of the perpendicular from a point to the line through the origin and `onto`. */
export function footOf([x, y]: Point, onto: Point): Point | null {
  const squared = onto[0] * onto[0] + onto[1] * onto[1];
  if (!(squared > 0) || !Number.isFinite(squared)) return null;
  const share = (x * onto[0] + y * onto[1]) / squared;
  return [share * onto[0], share * onto[1]];
}

/** All mixtures of the points lie inside: a point, a line or a polygon. */
export function hullOf(points: readonly Point[]): readonly Point[] {
  const hull = polygonHull(points.map(([x, y]) => [x, y]));
  if (hull) return hull as unknown as Point[];
  // Two points, or all on one line: from end to end.
  const sorted = [...points].sort(([a, b], [c, d]) => a - c || b - d);
  return sorted.length > 1 ? [sorted[0] as Point, sorted.at(-1) as Point] : sorted;
}

export function between([a, b]: Point, [c, d]: Point, share: number): Point {
  return [a + (c - a) * share, b + (d - b) * share];
}

export function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce<Point>(([a, b], [x, y]) => [a + x, b + y], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}
