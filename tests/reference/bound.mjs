// How far a result may be from double precision: twice the error of naive float32 attention, or what
// rounding alone does to scores of that size, whichever is more. Infinities, NaN and empty rows are exact.

import { attendReference, exclusion } from './attention.mjs';

/** The promise for unit-normal inputs with scores of the usual size. */
const PROMISED = 2e-6;
const USUAL_SCORE = 8;
/** A few times the last place of a float32 number. */
const ROUNDING = 4e-7;
const SUM_OF_WEIGHTS = 1e-6;

const COMPARED = ['output', 'scoresRaw', 'scoresCapped', 'scoresMasked', 'weights', 'logSumExp'];

/** The expected results of a problem; `allowed(name, i)` is the largest error of element i. */
export function boundOf(problem) {
  const { query, key, value, options } = problem;
  const expected = attendReference(query, key, value, options);
  const naive = attendReference(query, key, value, options, { numbers: Float32Array });
  const isOpen = openElements(problem, expected);
  const floor = PROMISED * Math.max(1, scoreSize(problem, expected) / USUAL_SCORE);
  const naiveError = Object.fromEntries(
    COMPARED.map((name) => {
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
  return emptyRowExcess(problem, actual) ?? sumExcess(bound, actual);
}

/** A row that attends no key is exactly 0, whatever the values are. */
function emptyRowExcess({ query, key, value, options }, { output }) {
  const [batch, heads, rows] = query.shape;
  const [keys, columns] = value.shape.slice(2);
  for (let row = 0; row < batch * heads * rows; row++) {
    const head = Math.floor(row / rows);
    const at = [Math.floor(head / heads), head % heads, row % rows];
    const isExcluded = exclusion(query, key, options, ...at);
    let j = 0;
    while (j < keys && isExcluded(j)) j += 1;
    if (j < keys) continue;
    const nonzero = output.data.subarray(row * columns, (row + 1) * columns).find((x) => x !== 0);
    if (nonzero !== undefined) return `output: ${nonzero} in row ${row}, which attends no key`;
  }
  return undefined;
}

/** The weights of a row sum to 1. */
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
 * Elements whose value nobody promises: the scores of a poisoned key before masks, and the weights of a row
 * that is NaN.
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

/** The largest sum of products plus the largest score: rounding grows with them. */
function scoreSize({ query, key, options, poisoned }, { scoresMasked }) {
  const [, keyHeads, keys, depth] = key.shape;
  const longest = ({ data }, isLeftOut) => {
    let most = 0;
    for (let row = 0; row * depth < data.length; row++) {
      if (isLeftOut(row)) continue;
      const squares = data.subarray(row * depth, (row + 1) * depth).reduce((a, x) => a + x * x, 0);
      if (Number.isFinite(squares)) most = Math.max(most, Math.sqrt(squares));
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
