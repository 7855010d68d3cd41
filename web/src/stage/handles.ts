import type { InputName } from '../state/cells.ts';
import { setCell } from '../state/commands.ts';
import type { Model } from '../state/model.ts';
import type { Point } from './geometry.ts';

/** A row of an input with two columns, drawn as a point that the reader can move. */
export interface Handle {
  readonly matrix: InputName;
  readonly head: number;
  readonly row: number;
  readonly point: Point;
}

export function handlesOf(model: Model, matrix: InputName, head: number): Handle[] {
  return (model[matrix][head] ?? []).map(([x = 0, y = 0], row) => ({
    matrix,
    head,
    row,
    point: [x, y],
  }));
}

export function idOf({ matrix, head, row }: Handle): string {
  return `${matrix}:${head}:${row}`;
}

export function moveTo({ matrix, head, row }: Handle, [x, y]: Point): (model: Model) => Model {
  return (model) =>
    setCell(
      setCell(model, { matrix, head, row, column: 0 }, x),
      { matrix, head, row, column: 1 },
      y,
    );
}
