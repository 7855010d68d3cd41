// How many times as fast as onnxruntime-web a kernel could be, were it at the limit: what is to be expected
// of any kernel of 128-bit vectors, beside what ours is.

import { markdownTable } from 'markdown-table';
import { times } from './format.mjs';
import { summaryOf } from './summary.mjs';

const GROUPS = /^(D=(64|128), L=(512|1024|2048)|decode, 16k keys)$/;
const SUBJECTS = ['qkv relaxed', 'qkv simd'];

/** [{ problem, atLimit, measured }]: the factor at the limit, and of each of SUBJECTS. */
export function boundsOf({ groups }) {
  return groups
    .filter(({ name, rows }) => GROUPS.test(name) && rows.length > 0)
    .map((group) => {
      const rows = summaryOf(group);
      const ours = SUBJECTS.map((name) => rows.find(({ contender }) => contender === name));
      const [{ problem, timesOnnxruntime, ofLimit } = {}] = ours;
      const measured = ours.map((row) => row?.timesOnnxruntime);
      return { problem, atLimit: timesOnnxruntime / ofLimit, measured };
    })
    .filter(({ atLimit }) => Number.isFinite(atLimit));
}

/** A table of them, with columns for each engine. */
export function boundsTable(engines) {
  const bounds = engines.map(boundsOf);
  const columns = ['at the limit', ...SUBJECTS];
  const header = [
    '× onnxruntime-web',
    ...engines.flatMap(({ name }) => columns.map((column) => `${column}, ${name}`)),
  ];
  const rows = bounds[0].map(({ problem }) => [
    problem,
    ...bounds.flatMap((each) => {
      const found = each.find((bound) => bound.problem === problem);
      const factors = [found?.atLimit, ...(found?.measured ?? SUBJECTS.map(() => undefined))];
      return factors.map((factor) => (factor === undefined ? '–' : times(factor)));
    }),
  ]);
  const align = ['l', ...engines.flatMap(() => columns.map(() => 'r'))];
  return markdownTable([header, ...rows], { align });
}
