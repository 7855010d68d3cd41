// The goals of the kernels: each is judged by the worst value that was measured for it.

import { markdownTable } from 'markdown-table';
import { duration, percent, threeDigits, times } from './format.mjs';
import { ratioOf, spreadOf } from './statistics.mjs';
import { summaryOf, timesTheFirst } from './summary.mjs';

const LONG_ENOUGH = /^D=(64|128), L=(512|1024|2048)$/;
const VARIANTS = ['qkv relaxed', 'qkv simd'];
/** Every call writes to the same array, so the system clears no pages of a new one. */
const OUT = VARIANTS.map((variant) => `${variant}, out`);
const ONNXRUNTIME = /^onnxruntime-web Attention/;

/** `values` gives [{ value, at }] from an engine's record. `least` or `most` bounds them all. */
const GOALS = [
  {
    goal: 'relaxed, L ≥ 512, D = 64 and 128: share of the limit',
    least: 0.8,
    format: percent,
    values: (engine) => shares(engine, LONG_ENOUGH, ['qkv relaxed'], 'ofLimit'),
  },
  {
    goal: 'the same, with results written to `out`',
    least: 0.8,
    format: percent,
    values: (engine) => shares(engine, LONG_ENOUGH, [OUT[0]], 'ofLimit'),
  },
  {
    goal: 'relaxed, L ≥ 512, D = 64 and 128: × onnxruntime-web',
    least: 2.7,
    format: times,
    values: (engine) => shares(engine, LONG_ENOUGH, ['qkv relaxed'], 'timesOnnxruntime'),
  },
  {
    goal: 'simd, the same: × onnxruntime-web',
    least: 2,
    format: times,
    values: (engine) => shares(engine, LONG_ENOUGH, ['qkv simd'], 'timesOnnxruntime'),
  },
  {
    goal: 'other depths and lengths: share of the rate at D = 64, L = 512 or 1024',
    least: 0.85,
    format: percent,
    values: (engine) => comparisons(engine, /^(depths|lengths)/, rateOf),
  },
  {
    goal: 'the same for other lengths, with results written to `out`',
    least: 0.85,
    format: percent,
    values: (engine) => comparisons(engine, /^lengths/, rateOf, OUT),
  },
  {
    goal: 'causal, L = 2048: share of the plain time',
    most: 0.55,
    format: percent,
    values: (engine) => comparisons(engine, /^causal$/),
  },
  {
    goal: 'mask, bias, softcap, ALiBi: share of the plain time',
    most: 1.25,
    format: percent,
    values: (engine) => comparisons(engine, /^options$/),
  },
  {
    goal: 'decode, 16k keys: share of the bandwidth',
    least: 0.8,
    format: percent,
    values: (engine) => shares(engine, /^decode, 16k/, ['qkv relaxed'], 'ofLimit'),
  },
  {
    goal: 'decode, 16k keys: × onnxruntime-web',
    least: 5,
    format: times,
    values: (engine) => shares(engine, /^decode, 16k/, ['qkv relaxed'], 'timesOnnxruntime'),
  },
  {
    goal: 'a call of the worked example',
    most: 3e-6,
    format: duration,
    values: (engine) =>
      rowsOf(engine, /^worked example$/, ['qkv relaxed']).map((row) => ({
        value: row.seconds.median,
        at: row.contender,
      })),
  },
  {
    goal: 'first result in a fresh process: share of the time of onnxruntime-web',
    most: 0.1,
    format: percent,
    values: (engine) => {
      const first = ({ loading, firstCall }) => loading + firstCall;
      const isExample = ({ problem }) => problem === 'worked example';
      const peers = coldRuns(engine, ONNXRUNTIME).filter(isExample);
      const fastest = Math.min(...peers.map(({ runs }) => spreadOf(runs.map(first)).median));
      return coldRuns(engine, /^qkv relaxed$/)
        .filter(isExample)
        .map(({ runs }) => ({ value: spreadOf(runs.map(first)).median / fastest, at: '' }));
    },
  },
  {
    goal: 'first call at L = 512 in a fresh process: × a warm call',
    most: 2,
    format: times,
    values: (engine) =>
      coldRuns(engine, /^qkv/)
        .filter(({ problem }) => problem !== 'worked example')
        .map(({ contender, runs }) => ({
          value: ratioOf(
            runs.map(({ firstCall }) => firstCall),
            runs.map(({ warmCall }) => warmCall),
          ),
          at: contender,
        })),
  },
  {
    goal: 'memory beyond inputs and output at L = 16384',
    most: 1e6,
    format: (bytes) => `${threeDigits(bytes / 1e6)} MB`,
    values: ({ memory }) => memory.map(({ variant, bytes }) => ({ value: bytes, at: variant })),
  },
  {
    goal: 'all files a browser fetches for one variant, brotli',
    most: 40e3,
    format: (bytes) => `${threeDigits(bytes / 1e3)} KB`,
    values: ({ fetched }) =>
      fetched
        .filter(({ contender }) => contender.startsWith('qkv'))
        .map(({ contender, bytes }) => ({ value: bytes, at: contender })),
  },
  ...[8, 1].map((heads) => ({
    goal: `two workers at L = 2048, H = ${heads}: × one`,
    least: 1.8,
    format: times,
    values: (engine) => {
      const rows = rowsOf(engine, /^pool/).filter(({ problem }) =>
        problem?.includes(`H=${heads} `),
      );
      const [one, two] = [1, 2].map((count) =>
        rows.find(({ contender }) => contender.includes(`pool, ${count}`)),
      );
      return one && two ? [{ value: ratioOf(one.samples, two.samples), at: '' }] : [];
    },
  })),
];

/** [{ goal, bound, measured, at, isMet }]; a goal that was not measured has neither `measured` nor `isMet`. */
export function goalsOf(engine) {
  return GOALS.map(({ goal, least, most, format, values }) => {
    const bound = least === undefined ? `≤ ${format(most)}` : `≥ ${format(least)}`;
    const all = values(engine).filter(({ value }) => Number.isFinite(value));
    if (all.length === 0) return { goal, bound };
    all.sort((a, b) => (least === undefined ? b.value - a.value : a.value - b.value));
    const [{ value, at }] = all;
    const isMet = least === undefined ? value <= most : value >= least;
    return { goal, bound, measured: format(value), at, isMet };
  });
}

/** The table of all goals, with columns for each engine. */
export function goalsTable(engines) {
  const goals = engines.map(goalsOf);
  const header = ['goal', 'bound', ...engines.flatMap(({ name }) => [name, 'worst at', 'met'])];
  const rows = goals[0].map(({ goal, bound }, i) => [
    goal,
    bound,
    ...goals.flatMap((each) => {
      const { measured = 'not measured', at = '', isMet } = each[i];
      return [measured, at, isMet === undefined ? '–' : isMet ? 'yes' : 'no'];
    }),
  ]);
  const align = ['l', 'r', ...engines.flatMap(() => ['r', 'l', 'l'])];
  return markdownTable([header, ...rows], { align });
}

function rowsOf({ groups }, group, contenders) {
  return groups
    .filter(({ name }) => group.test(name))
    .flatMap(summaryOf)
    .filter(({ contender, samples }) => samples && (contenders?.includes(contender) ?? true));
}

function shares(engine, group, contenders, name) {
  return rowsOf(engine, group, contenders).map((row) => ({
    value: row[name],
    at: row.problem,
  }));
}

/** Compares each later problem of the groups with the first: `of(ratio of times, ratio of operations)`. */
function comparisons(engine, group, of = (ratio) => ratio, variants = VARIANTS) {
  return engine.groups
    .filter(({ name }) => group.test(name))
    .flatMap(({ rows }) =>
      variants.flatMap((variant) => {
        const [first, ...others] = rows.filter(({ contender }) => contender === variant);
        return others.map((row) => {
          const ratio = timesTheFirst(rows, row);
          const value = of(ratio, row.operations / first.operations);
          return { value, at: `${variant}, ${row.problem}` };
        });
      }),
    );
}

function rateOf(ratio, work) {
  return work / ratio;
}

function coldRuns({ cold }, contender) {
  return cold.filter((each) => each.runs.length > 0 && contender.test(each.contender));
}
