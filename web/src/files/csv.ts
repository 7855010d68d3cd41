import { float32Text } from '../numbers/float32Text.ts';
import { indices, type Matrix } from '../numbers/matrix.ts';

/** RFC 4180 with numbers only. Single precision reads each number back unchanged. */
export function csvOf(matrix: Matrix): string {
  const lines = indices(matrix.rows).map((row) =>
    indices(matrix.columns)
      .map((column) => float32Text(matrix.at(row, column)))
      .join(','),
  );
  return `${lines.join('\r\n')}\r\n`;
}
