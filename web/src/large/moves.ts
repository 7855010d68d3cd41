import type { Cell } from './cell.ts';

/** How far Page Up, Page Down and Shift move the cross. */
export const PAGE = 16;

/** Where a key moves the cross of a picture with `length` rows and columns; null for other keys. */
export function moved(
  { query, key }: Cell,
  pressed: string,
  shift: boolean,
  length: number,
): Cell | null {
  const step = shift ? PAGE : 1;
  const moves: Record<string, readonly [number, number]> = {
    ArrowUp: [query - step, key],
    ArrowDown: [query + step, key],
    ArrowLeft: [query, key - step],
    ArrowRight: [query, key + step],
    PageUp: [query - PAGE, key],
    PageDown: [query + PAGE, key],
    Home: [query, 0],
    End: [query, length - 1],
  };
  const target = moves[pressed];
  return target ? inside(target[0], target[1], length) : null;
}

/** The cell at a point of the picture: fractions of its width and height. */
export function cellAt(x: number, y: number, length: number): Cell {
  return inside(Math.floor(y * length), Math.floor(x * length), length);
}

function inside(query: number, key: number, length: number): Cell {
  const clamped = (index: number) => Math.min(Math.max(index, 0), length - 1);
  return { query: clamped(query), key: clamped(key) };
}
