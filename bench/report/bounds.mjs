// What a kernel at the limit would be beside onnxruntime-web, and two threads at the limit beside one: what
// is to be expected of any kernel of 128-bit vectors on a machine, next to what ours is.

import { markdownTable } from 'markdown-table';
import { times } from './format.mjs';
import { ratioOf } from './statistics.mjs';
import { summaryOf } from './summary.mjs';

const GROUPS = /^(D=(64|128), L=(512|1024|2048)|decode, 16k keys)$/;
const SUBJECTS = ['qkv relaxed', 'qkv simd'];

/** [{ title, atLimit, measured }]: the factor at the limit, and of each of SUBJECTS. */
export function boundsOf({ groups }) {
  const single = groups.filter(({ name }) => GROUPS.test(name)).map(besideOnnxruntime);
  const threads = groups.filter(({ name }) => name === 'pool').flatMap(besideOneThread);
  return [...single, ...threads].filter(({ atLimit }) => Number.isFinite(atLimit));
}

function besideOnnxruntime(group) {
  const rows = summaryOf(group);
  const ours = SUBJECTS.map((name) => rows.find(({ contender }) => contender === name));
  const [{ problem, timesOnnxruntime, ofLimit } = {}] = ours;
  return {
    title: `× onnxruntime-web, ${problem}`,
    atLimit: timesOnnxruntime / ofLimit,
    measured: ours.map((row) => row?.timesOnnxruntime),
  };
}

function besideOneThread({ rows }) {
  const samples = (name, problem) =>
    rows.find((row) => row.contender === name && row.problem === problem)?.samples ?? [];
  // Two threads do twice the work of one.
  const atLimit = 2 * ratioOf(samples('limit: 1 thread'), samples('limit: 2 threads'));
  const problems = new Set(rows.map(({ problem }) => problem).filter(Boolean));
  return [...problems].map((problem) => ({
    title: `two workers × one, ${problem}`,
    atLimit,
    measured: [
      ratioOf(samples('qkv pool, 1 worker', problem), samples('qkv pool, 2 workers', problem)),
      undefined,
    ],
  }));
}

/** A table of them, with columns for each engine. */
export function boundsTable(engines) {
  const bounds = engines.map(boundsOf);
  const columns = ['at the limit', ...SUBJECTS];
  const header = [
    '',
    ...engines.flatMap(({ name }) => columns.map((column) => `${column}, ${name}`)),
  ];
  const rows = bounds[0].map(({ title }) => [
    title,
    ...bounds.flatMap((each) => {
      const found = each.find((bound) => bound.title === title);
      const factors = [found?.atLimit, ...(found?.measured ?? SUBJECTS.map(() => undefined))];
      return factors.map((factor) => (factor === undefined ? '–' : times(factor)));
    }),
  ]);
  const align = ['l', ...engines.flatMap(() => columns.map(() => 'r'))];
  return markdownTable([header, ...rows], { align });
}
