import type { Point, View } from './geometry.ts';

/** The side of a plane in the units of its drawing. */
export const SIDE = 280;

/** From a view to its drawing, where y points down, and back. */
export interface Drawing {
  readonly place: (point: Point) => Point;
  readonly pointAt: (place: Point) => Point;
}

export function drawingOf({ x, y, size }: View): Drawing {
  return {
    place: ([a, b]) => [((a - x) / size) * SIDE, SIDE - ((b - y) / size) * SIDE],
    pointAt: ([a, b]) => [x + (a / SIDE) * size, y + ((SIDE - b) / SIDE) * size],
  };
}

/** The three corners of an arrow's head, as the `points` of a polygon; none on an arrow without length. */
export function headOf([x, y]: Point, [a, b]: Point): string {
  const length = Math.hypot(a - x, b - y);
  if (length < 4) return '';
  const [dx, dy] = [(a - x) / length, (b - y) / length];
  const corner = (side: number) => `${a - 11 * dx - side * dy},${b - 11 * dy + side * dx}`;
  return `${a},${b} ${corner(4.5)} ${corner(-4.5)}`;
}

/** Where the name of an arrow's tip stands: beyond it, and inside the drawing. */
export function nameAt([x, y]: Point, [a, b]: Point, distance = 17): Point {
  const length = Math.hypot(a - x, b - y) || 1;
  const inside = (value: number) => Math.min(Math.max(value, 12), SIDE - 12);
  return [inside(a + ((a - x) / length) * distance), inside(b + ((b - y) / length) * distance)];
}

/** A shift from the tip of an arrow to its shadow's foot and a little further: the shadow lies beside the query. */
export function asideOf([x, y]: Point, [a, b]: Point): Point {
  const length = Math.hypot(a - x, b - y);
  return length < 1 ? [0, 0] : [((a - x) / length) * 6, ((b - y) / length) * 6];
}
