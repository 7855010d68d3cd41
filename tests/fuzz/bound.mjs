// How near a result must be to double precision (reliability (b)): at most twice the error of naive
// float32 attention, or what rounding alone does to scores of that size, whichever is more. Infinities,
// NaN and empty rows exactly.

import { attendModel, DOUBLE, FLOAT } from './model.mjs';

/** What is promised of unit-normal inputs with scores of the usual size. */
const PROMISED = 2e-6;
const USUAL_SCORE = 8;
/** Of a float32 number: a few times its last place. */
const ROUNDING = 4e-7;
const SUM_OF_WEIGHTS = 1e-6;

/** What the results of a problem are held against: `allowed(name, i)` is the error of an element. */
export function boundOf(problem) {
  const expected = attendModel(problem, DOUBLE);
  const naive = attendModel(problem, FLOAT);
  const isOpen = openElements(problem, expected);
  const floor = PROMISED * Math.max(1, scoreSize(problem, expected) / USUAL_SCORE);
  const names = Object.keys(expected);
  const naiveError = Object.fromEntries(
    names.map((name) => {
      let most = 0;
      naive[name].data.forEach((x, i) => {
        const error = Math.abs(x - expected[name].data[i]);
        if (error > most && error < Infinity && !isOpen(name, i)) most = error;
      });
      return [name, most];
    }),
  );
  const allowed = (name, i) => {
    const size = Math.abs(expected[name].data[i]);
    return Math.max(2 * naiveError[name], floor + (size < Infinity ? ROUNDING * size : 0));
  };
  return { problem, expected, naive, allowed, isOpen, isUsual: floor === PROMISED };
}

/** The first way in which a result exceeds the bound, in words; undefined if it does not. */
export function excessOf(bound, actual) {
  const { problem, expected, allowed, isOpen } = bound;
  const isMerged = problem.way.by === 'chunks' || problem.way.by === 'subsets';
  for (const name of ['output', ...(isMerged ? ['logSumExp'] : problem.capture)]) {
    if (!actual[name]) return `${name} is missing`;
    const [a, e] = [actual[name].data, expected[name].data];
    if (String(actual[name].shape) !== String(expected[name].shape))
      return `${name}: shape [${actual[name].shape}], expected [${expected[name].shape}]`;
    for (let i = 0; i < e.length; i++) {
      if (a[i] === e[i] || (Number.isNaN(a[i]) && Number.isNaN(e[i])) || isOpen(name, i)) continue;
      const error = Math.abs(a[i] - e[i]);
      if (!(error <= allowed(name, i)) || !Number.isFinite(e[i]))
        return `${name}[${i}]: ${a[i]}, expected ${e[i]} ± ${allowed(name, i)}`;
    }
  }
  return emptyRowExcess(problem, expected, actual) ?? sumExcess(bound, actual);
}

/** A row with no key left is 0: not nearly, and whatever the values are. */
function emptyRowExcess({ value }, { scoresMasked }, { output }) {
  const [keys, columns] = value.shape.slice(2);
  for (let row = 0; row * columns < output.data.length; row++) {
    const scores = scoresMasked.data.subarray(row * keys, (row + 1) * keys);
    if (scores.some((score) => score !== -Infinity)) continue;
    const nonzero = output.data.subarray(row * columns, (row + 1) * columns).find((x) => x !== 0);
    if (nonzero !== undefined) return `output: ${nonzero} in row ${row}, which no key is left in`;
  }
  return undefined;
}

/** Rows of weights sum to 1, as nearly as promised. */
function sumExcess({ problem }, { weights }) {
  const keys = problem.key.shape[2];
  if (!weights || problem.options.sinks) return undefined;
  const deviation = (row, { data }) => {
    const sum = data.subarray(row * keys, (row + 1) * keys).reduce((a, b) => a + b, 0);
    return sum === 0 ? 0 : Math.abs(sum - 1);
  };
  const rows = Array.from({ length: weights.data.length / Math.max(1, keys) }, (_, row) => row);
  const row = rows.find((r) => deviation(r, weights) > SUM_OF_WEIGHTS);
  return row === undefined
    ? undefined
    : `weights of row ${row} sum to 1 ± ${deviation(row, weights)}`;
}

/**
 * What is not said: scores of a poisoned key before masks, which are NaN or an infinity as its products
 * happen to be; weights in a row that is NaN.
 */
function openElements({ query, key, poisoned }, { logSumExp }) {
  const [, heads, rows] = query.shape;
  const [, keyHeads, keys] = key.shape;
  return (name, i) => {
    const row = Math.floor(i / keys);
    if (name === 'weights') return Number.isNaN(logSumExp.data[row]);
    if (name !== 'scoresRaw' && name !== 'scoresCapped') return false;
    const head = Math.floor(row / rows);
    const g = Math.floor(((head % heads) * keyHeads) / heads);
    return poisoned(Math.floor(head / heads), g, i % keys);
  };
}

/** The size of what is rounded: sums of products, and each row's largest score. */
function scoreSize({ query, key, options, poisoned }, { scoresMasked }) {
  const [, keyHeads, keys, depth] = key.shape;
  const longest = ({ data }, isLeftOut) => {
    let most = 0;
    for (let row = 0; row * depth < data.length; row++) {
      if (isLeftOut(row)) continue;
      const squares = data.subarray(row * depth, (row + 1) * depth).reduce((a, x) => a + x * x, 0);
      most = Math.max(most, Math.sqrt(squares) || 0);
    }
    return most;
  };
  const isPoisonedRow = (row) => {
    const head = Math.floor(row / keys);
    return poisoned(Math.floor(head / keyHeads), head % keyHeads, row % keys);
  };
  const scale = Math.abs(options.scale ?? 1 / Math.sqrt(depth));
  let largest = 0;
  for (let row = 0; row * keys < scoresMasked.data.length; row++) {
    const scores = scoresMasked.data.subarray(row * keys, (row + 1) * keys);
    const max = scores.reduce((a, b) => Math.max(a, b), -Infinity);
    if (Number.isFinite(max)) largest = Math.max(largest, Math.abs(max));
  }
  return largest + scale * longest(query, () => false) * longest(key, isPoisonedRow);
}
