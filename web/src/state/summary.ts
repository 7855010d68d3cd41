import { indices } from '../numbers/matrix.ts';
import type { Computation } from './computation.ts';
import { isEmptyRow } from './computation.ts';
import { printed } from './printed.ts';

/** More rows than this are not read out. */
const ROWS_READ_OUT = 3;

/** The output in one sentence, for the status line. `head` counts from 0; null where there is one head. */
export function summaryOf(shown: Computation, head: number | null): string {
  const { output } = shown;
  const rows = indices(Math.min(output.rows, ROWS_READ_OUT)).map((row) => {
    const numbers = indices(output.columns).map((column) =>
      printed('output', output.at(row, column)),
    );
    const receives = isEmptyRow(shown, row) ? 'sees no key and receives' : 'receives';
    return `query ${row + 1} ${receives} ${numbers.join(', ')}`;
  });
  const more = output.rows > ROWS_READ_OUT ? `; ${output.rows - ROWS_READ_OUT} more below` : '';
  const ofHead = head === null ? '' : ` of head ${head + 1}`;
  return `Result${ofHead}: ${rows.join('; ')}${more}. Rounded for display only.`;
}
