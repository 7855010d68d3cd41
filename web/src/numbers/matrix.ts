/** A dense row-major matrix, read only: what the engine returns, with its shape. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  at(row: number, column: number): number;
}

export function matrixOf(data: ArrayLike<number>, rows: number, columns: number): Matrix {
  return {
    rows,
    columns,
    at: (row, column) => data[row * columns + column] ?? Number.NaN,
  };
}

export function matrixFromRows(rows: readonly (readonly number[])[]): Matrix {
  return matrixOf(rows.flat(), rows.length, rows[0]?.length ?? 0);
}

export function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
