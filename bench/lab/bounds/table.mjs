// How fast a kernel of 128-bit vectors can be: the limit, bare attention (limit/bare.mjs) and qkv, each beside
// onnxruntime-web; and two threads of each beside one.

import { markdownTable } from 'markdown-table';
import { times, wholePercent } from '../../report/format.mjs';
import { ratioOf } from '../../report/statistics.mjs';
import { summaryOf } from '../../report/summary.mjs';

const GROUPS = /^(D=(64|128), L=(512|1024|2048)|lengths|decode, 16k keys)$/;
const COLUMNS = {
  'at the limit': undefined,
  'bare, fused': /^limit: bare attention, fused/,
  'qkv relaxed': /^qkv relaxed$/,
  'qkv relaxed, `out`': /^qkv relaxed, out$/,
  'bare, not fused': /^limit: bare attention, separate/,
  'qkv simd': /^qkv simd$/,
};

/** [{ title, factors }]; factors are { factor, ofLimit } in the order of COLUMNS: how many times as fast. */
export function boundsOf({ groups }) {
  const single = groups.filter(({ name }) => GROUPS.test(name)).flatMap(besideOnnxruntime);
  const threads = groups.filter(({ name }) => name.startsWith('pool')).flatMap(besideOneThread);
  const all = [...single, ...threads];
  // A problem may be in two groups. The first one measures more settings of onnxruntime-web.
  return all.filter(({ title }, i) => all.findIndex((other) => other.title === title) === i);
}

function besideOnnxruntime(group) {
  const rows = summaryOf(group).filter(({ timesOnnxruntime }) => timesOnnxruntime);
  const problems = new Set(rows.filter(({ limit }) => limit === 'bare').map((row) => row.problem));
  return [...problems].map((problem) => {
    const fastest = (pattern) =>
      rows
        .filter((row) => row.problem === problem && pattern.test(row.contender))
        .sort((a, b) => b.timesOnnxruntime - a.timesOnnxruntime)[0];
    const [, ...columns] = Object.values(COLUMNS).map((pattern) => pattern && fastest(pattern));
    const { timesOnnxruntime, ofLimit } = columns.find(Boolean);
    const factors = columns.map(
      (row) => row && { factor: row.timesOnnxruntime, ofLimit: row.ofLimit },
    );
    return {
      title: `× onnxruntime-web, ${problem}`,
      factors: [{ factor: timesOnnxruntime / ofLimit }, ...factors],
    };
  });
}

function besideOneThread({ rows }) {
  const samples = (name, problem) =>
    rows.find((row) => row.contender === name && row.problem === problem)?.samples ?? [];
  // Two threads do twice the work of one.
  const atLimit = 2 * ratioOf(samples('limit: 1 thread'), samples('limit: 2 threads'));
  const problems = new Set(rows.map(({ problem }) => problem).filter(Boolean));
  return [...problems].map((problem) => {
    const [one, two] = ['1 worker', '2 workers'].map((workers) =>
      samples(`qkv pool, ${workers}`, problem),
    );
    const [bareOne, bareTwo] = ['1 thread', '2 threads'].map((threads) =>
      samples(`limit: bare attention, fused 2 × 6, ${threads}`, problem),
    );
    return {
      title: `two workers × one, ${problem}`,
      factors: [
        { factor: atLimit },
        { factor: ratioOf(bareOne, bareTwo) },
        { factor: ratioOf(one, two) },
      ],
    };
  });
}

/** The table of bounds, with a row for each problem and engine. */
export function boundsTable(engines) {
  const bounds = engines.map((engine) => ({ name: engine.name, all: boundsOf(engine) }));
  const titles = new Set(bounds.flatMap(({ all }) => all.map(({ title }) => title)));
  const rows = [...titles].flatMap((title) =>
    bounds.flatMap(({ name, all }) => {
      const bound = all.find((each) => each.title === title);
      return bound ? [[`${title}, ${name}`, ...cellsOf(bound)]] : [];
    }),
  );
  const align = ['l', ...Object.keys(COLUMNS).map(() => 'r')];
  return markdownTable([['', ...Object.keys(COLUMNS)], ...rows], { align });
}

function cellsOf({ factors }) {
  return Object.keys(COLUMNS).map((_, i) => {
    const { factor, ofLimit } = factors[i] ?? {};
    if (!Number.isFinite(factor)) return '–';
    return ofLimit ? `${times(factor)} (${wholePercent(ofLimit)})` : times(factor);
  });
}
