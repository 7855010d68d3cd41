// Checks a contender's output: some rows of every head against the tests' reference in double precision.

import { attendReference } from '../../tests/reference/attention.mjs';

/** Inputs are unit normal, so outputs are about 1 and a wrong one differs by much more than this. */
export const TOLERANCE = 1e-4;
const ROWS_A_HEAD = 3;
const ROWS = 24;

/** [{ at, values }]: the expected output from index `at` on. */
export function expectedRows(problem, inputs) {
  const { heads, queries } = problem;
  const heightOfSample = Math.min(queries, Math.max(ROWS_A_HEAD, Math.ceil(ROWS / heads)));
  const rows = Array.from({ length: heightOfSample }, (_, i) =>
    heightOfSample === 1 ? 0 : Math.round((i * (queries - 1)) / (heightOfSample - 1)),
  );
  return Array.from({ length: heads }, (_, h) => h).flatMap((h) =>
    rows.map((row) => expectedRow(problem, inputs, h, row)),
  );
}

/** One row: the attention of one query of one head. */
function expectedRow({ heads, keyHeads, queries, keys, depth }, inputs, h, row) {
  const part = ({ data }, from, rows) => ({
    data: data.subarray(from, from + rows * depth),
    shape: [rows, depth],
  });
  const at = (h * queries + row) * depth;
  const keyHead = Math.floor((h * keyHeads) / heads);
  const { mask, bias, alibiSlopes, ...rest } = inputs.options;
  const broadcast = ({ data }) => ({
    data: data.subarray(row * keys, (row + 1) * keys),
    shape: [1, keys],
  });
  const { output } = attendReference(
    part(inputs.query, at, 1),
    part(inputs.key, keyHead * keys * depth, keys),
    part(inputs.value, keyHead * keys * depth, keys),
    {
      ...rest,
      queryOffset: row,
      ...(mask && { mask: broadcast(mask) }),
      ...(bias && { bias: broadcast(bias) }),
      ...(alibiSlopes && { alibiSlopes: [alibiSlopes[h]] }),
    },
  );
  return { at, values: output.data };
}

/** The largest difference from the expected rows; Infinity if the output has the wrong size. */
export function errorOf(output, expected, { heads, queries, depth }) {
  if (output?.length !== heads * queries * depth) return Infinity;
  let worst = 0;
  for (const { at, values } of expected)
    for (const [i, value] of values.entries()) {
      const difference = Math.abs(output[at + i] - value);
      if (!(difference <= worst)) worst = Number.isNaN(difference) ? Infinity : difference;
    }
  return worst;
}
