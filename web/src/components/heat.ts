import { indices, type Matrix } from '../numbers/matrix.ts';

/** How dark it is behind each number, from 0 to 1: a share as it is, other numbers from the least to the largest. */
export function heatOf(matrix: Matrix, isShare: boolean): (row: number, column: number) => number {
  const all = indices(matrix.rows).flatMap((row) =>
    indices(matrix.columns).map((column) => matrix.at(row, column)),
  );
  const finite = all.filter(Number.isFinite);
  const [low, high] = isShare ? [0, 1] : [Math.min(...finite), Math.max(...finite)];
  return (row, column) => {
    const value = matrix.at(row, column);
    if (!Number.isFinite(value)) return value === Infinity ? 1 : 0;
    return high > low ? (value - low) / (high - low) : 0;
  };
}
