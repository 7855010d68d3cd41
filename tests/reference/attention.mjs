// The JavaScript reference of attention: plain loops over every option, in double precision. Tests hold
// the package, the page and other engines against it, so it uses nothing of them.
//
// Shapes: B batch, H query heads, Hk key/value heads, L queries, S keys, D depth, Dv value depth.

/**
 * @typedef {{ readonly data: ArrayLike<number>, readonly shape: readonly number[] }} Tensor
 * @typedef {{ data: Float64Array | Float32Array, shape: number[] }} Result
 * @typedef {'output' | 'logSumExp' | 'products' | 'scoresRaw' | 'scoresCapped' | 'scoresMasked'
 *   | 'rowMax' | 'exponentials' | 'rowSum' | 'weights' | 'contributions'} Step
 *
 * @typedef {object} Options
 * @property {number} [scale]
 * @property {boolean} [isCausal]
 * @property {number | readonly number[] | 'end'} [queryOffset]
 * @property {{ left?: number | undefined, right?: number | undefined }} [window]
 * @property {Tensor} [mask]
 * @property {Tensor} [bias]
 * @property {ArrayLike<number>} [alibiSlopes]
 * @property {number} [softcap]
 * @property {ArrayLike<number>} [sinks]
 * @property {ArrayLike<number>} [keyLengths]
 * @property {'bhld' | 'blhd'} [layout]
 */

/** Each rule of attention that is easy to get wrong. A test may replace one, to see that others notice. */
export const RULES = {
  /** Consecutive query heads share a key/value head. */
  keyHead: (head, heads, keyHeads) => Math.floor((head * keyHeads) / heads),
  /** The last key that a causal query attends. */
  lastCausalKey: (position) => position,
  isBeforeWindow: (j, position, left) => j < position - left,
  softcap: (score, cap) => (cap > 0 ? cap * Math.tanh(score / cap) : score),
  /** ALiBi and bias are added after softcap. */
  addBias: (score, added) => score + added,
  /** What is subtracted from a row's scores before exp. */
  shift: (rowMax) => rowMax,
  /** The weight of each key in a row that attends none. */
  weightInEmptyRow: () => 0,
  /** An excluded key adds nothing, not even 0·NaN. */
  addsValue: (isExcluded) => !isExcluded,
  logSumExp: (shift, sum) => shift + Math.log(sum),
  /** The share of a part in a merge; `sum` is that of all parts' rescaled sums. */
  shareOfPart: (rescaled, sum) => rescaled / sum,
};

/**
 * softmax(scale·Q·Kᵀ + …)·V. The output has the query's rank and layout; every other step is [B, H, L, S],
 * [B, H, L] or, if `contributions` asks for them, [B, H, L, S, Dv].
 *
 * `numbers` is how each step is stored: Float32Array gives naive float32 attention.
 *
 * @param {Tensor} query
 * @param {Tensor} key
 * @param {Tensor} value
 * @param {Options} [options]
 * @param {{ numbers?: Float64ArrayConstructor | Float32ArrayConstructor, rules?: typeof RULES,
 *   contributions?: boolean }} [how]
 * @returns {Record<Step, Result>}
 */
export function attendReference(query, key, value, options = {}, how = {}) {
  const { numbers = Float64Array, rules = RULES, contributions = false } = how;
  const { layout = 'bhld' } = options;
  const Q = rowsOf(query, layout);
  const K = rowsOf(key, layout);
  const V = rowsOf(value, layout);
  const perRow = [Q.batch, Q.heads, Q.rows];
  const perPair = [...perRow, K.rows];
  const zeros = (shape) => ({ data: new numbers(elements(shape)), shape });
  const steps = {
    output: zeros([...query.shape.slice(0, -1), V.columns]),
    contributions: zeros([...perPair, contributions ? V.columns : 0]),
  };
  for (const name of ['logSumExp', 'rowMax', 'rowSum']) steps[name] = zeros(perRow);
  for (const name of ['products', 'scoresRaw', 'scoresCapped', 'scoresMasked'])
    steps[name] = zeros(perPair);
  for (const name of ['exponentials', 'weights']) steps[name] = zeros(perPair);

  const problem = { Q, K, V, options, numbers, rules, steps };
  let row = 0;
  for (let b = 0; b < Q.batch; b++)
    for (let h = 0; h < Q.heads; h++)
      for (let i = 0; i < Q.rows; i++, row++) {
        const at = { b, h, i, row, isExcluded: exclusion(query, key, options, b, h, i, rules) };
        scoreRow(problem, at);
        weighRow(problem, at);
        addValues(problem, at);
      }
  return steps;
}

/** The scores of a row: products, scaled, capped, with bias and masks. */
function scoreRow({ Q, K, options, numbers, rules, steps }, { b, h, i, row, isExcluded }) {
  const { scale = 1 / Math.sqrt(Q.columns), softcap = 0, bias, alibiSlopes } = options;
  const [products, raw, capped, masked] = [
    ...[steps.products.data, steps.scoresRaw.data],
    ...[steps.scoresCapped.data, steps.scoresMasked.data],
  ];
  const keyHead = rules.keyHead(h, Q.heads, K.heads);
  const position = i + offsetOf(options, b, Q.rows, K.rows);
  const biasOf = bias && elementOf(bias, b, h, i);
  const q = Q.row(b, h, i) * Q.columns;
  const sum = new numbers(1);
  for (let j = 0, at = row * K.rows; j < K.rows; j++, at++) {
    const k = K.row(b, keyHead, j) * K.columns;
    sum[0] = 0;
    for (let d = 0; d < Q.columns; d++) sum[0] += Q.data[q + d] * K.data[k + d];
    products[at] = sum[0];
    raw[at] = asScore(scale * sum[0]);
    capped[at] = rules.softcap(raw[at], softcap);
    let added = 0;
    if (alibiSlopes) added -= alibiSlopes[h] * Math.abs(position - j);
    if (biasOf) added += biasOf(j);
    const score = asScore(rules.addBias(capped[at], added, softcap));
    masked[at] = isExcluded(j) ? -Infinity : score;
  }
}

/** The softmax of a row. A key may be attended with a score of −∞: only its exclusion says otherwise. */
function weighRow({ K, options, rules, steps }, { h, row, isExcluded }) {
  const masked = steps.scoresMasked.data;
  const exponentials = steps.exponentials.data;
  const weights = steps.weights.data;
  const sink = options.sinks?.[h];
  const first = row * K.rows;
  let attended = 0;
  let max = sink ?? -Infinity;
  for (let j = 0; j < K.rows; j++) {
    if (isExcluded(j)) continue;
    attended += 1;
    max = Math.max(max, masked[first + j]); // NaN stays NaN
  }
  const shift = rules.shift(max);
  const ofSink = sink === undefined ? 0 : Math.exp(sink - shift);
  let ofKeys = 0; // in double, as the package sums: rows promise to sum to 1
  for (let j = 0; j < K.rows; j++) {
    exponentials[first + j] = isExcluded(j) ? 0 : Math.exp(masked[first + j] - shift);
    ofKeys += exponentials[first + j];
  }
  const sum = ofSink + ofKeys;
  const ofEmptyRow = rules.weightInEmptyRow(K.rows);
  for (let j = 0; j < K.rows; j++) {
    const weight = isExcluded(j) ? 0 : exponentials[first + j] / sum;
    weights[first + j] = attended > 0 ? weight : ofEmptyRow;
  }
  steps.rowMax.data[row] = max;
  steps.rowSum.data[row] = sum;
  steps.logSumExp.data[row] =
    attended > 0 ? rules.logSumExp(shift, sum, ofKeys) : (sink ?? -Infinity);
}

/** The output of a row: its weights times the values. */
function addValues({ Q, K, V, rules, steps }, { b, h, i, row, isExcluded }) {
  const output = steps.output.data;
  const contributions = steps.contributions.data;
  const keyHead = rules.keyHead(h, Q.heads, K.heads);
  const to = Q.row(b, h, i) * V.columns;
  for (let j = 0, at = row * K.rows; j < K.rows; j++, at++) {
    const weight = steps.weights.data[at];
    if (weight === 0 && !rules.addsValue(isExcluded(j))) continue;
    const v = V.row(b, keyHead, j) * V.columns;
    for (let c = 0; c < V.columns; c++) {
      const contribution = weight * V.data[v + c];
      output[to + c] += contribution;
      if (contributions.length > 0) contributions[at * V.columns + c] = contribution;
    }
  }
}

/**
 * Whether query i of head h does not attend key j.
 *
 * @returns {(j: number) => boolean}
 */
export function exclusion(query, key, options, b, h, i, rules = RULES) {
  const { mask, bias, window, isCausal, keyLengths, layout = 'bhld' } = options;
  const { rows } = rowsOf(query, layout);
  const keys = rowsOf(key, layout).rows;
  const length = keyLengths?.[b] ?? keys;
  const position = i + offsetOf(options, b, rows, keys);
  const frontier = isCausal ? rules.lastCausalKey(position, i, length - rows) : Infinity;
  const left = window?.left ?? Infinity;
  const right = window?.right ?? Infinity;
  const maskOf = mask && elementOf(mask, b, h, i);
  const biasOf = bias && elementOf(bias, b, h, i);
  return (j) =>
    j >= length ||
    j > frontier ||
    rules.isBeforeWindow(j, position, left) ||
    j > position + right ||
    (maskOf !== undefined && !maskOf(j)) ||
    biasOf?.(j) === -Infinity;
}

/** Where query 0 of batch element b stands on the axis of keys. */
export function offsetOf({ queryOffset = 0, keyLengths }, b, rows, keys) {
  if (queryOffset === 'end') return (keyLengths?.[b] ?? keys) - rows;
  return typeof queryOffset === 'number' ? queryOffset : queryOffset[b];
}

/** The element of key j in row (b, h, i) of a tensor that broadcasts, right-aligned, to [B, H, L, S]. */
export function elementOf({ data, shape }, b, h, i) {
  const [batch, heads, rows, keys] = [1, 1, 1, 1, ...shape].slice(-4);
  const row = ((batch === 1 ? 0 : b) * heads + (heads === 1 ? 0 : h)) * rows + (rows === 1 ? 0 : i);
  return keys === 1 ? () => data[row] : (j) => data[row * keys + j];
}

/**
 * Results over disjoint sets of keys as one. A part whose log-sum-exp is −Infinity attends no key and adds
 * nothing; any other part adds its share, even a share of 0, so that NaN is not hidden.
 *
 * @param {readonly { output: Tensor, logSumExp: Tensor }[]} parts outputs [.., L, Dv] in layout 'bhld'
 */
export function mergeReference(parts, { numbers = Float64Array, rules = RULES } = {}) {
  const [{ output, logSumExp }] = parts;
  const columns = output.shape.at(-1);
  const merged = {
    output: { data: new numbers(output.data.length), shape: output.shape },
    logSumExp: { data: new numbers(logSumExp.data.length), shape: logSumExp.shape },
  };
  for (let row = 0; row < logSumExp.data.length; row++) {
    const attending = parts.filter((part) => part.logSumExp.data[row] !== -Infinity);
    const max = Math.max(...attending.map((part) => part.logSumExp.data[row]));
    const rescaled = attending.map((part) => Math.exp(part.logSumExp.data[row] - max));
    const sum = rescaled.reduce((a, b) => a + b, 0);
    merged.logSumExp.data[row] = attending.length === 0 ? -Infinity : max + Math.log(sum);
    attending.forEach((part, p) => {
      const share = rules.shareOfPart(rescaled[p], sum, parts.length);
      for (let at = row * columns; at < (row + 1) * columns; at++)
        merged.output.data[at] += share * part.output.data[at];
    });
  }
  return merged;
}

/** A tensor of rank 2 to 4 as rows: which one (b, h, i) is, and how long each is. A batch of 1 serves all. */
function rowsOf({ data, shape }, layout) {
  const [batch, second, third, columns] = [1, 1, ...shape].slice(-4);
  const headsFirst = layout === 'bhld' || shape.length === 2;
  const [heads, rows] = headsFirst ? [second, third] : [third, second];
  const row = headsFirst
    ? (b, h, i) => ((batch === 1 ? 0 : b) * heads + h) * rows + i
    : (b, h, i) => ((batch === 1 ? 0 : b) * rows + i) * heads + h;
  return { data, batch, heads, rows, columns, row };
}

/** Scores are float32: beyond its range they are infinite, and then behave as IEEE 754 says. */
function asScore(score) {
  return Math.abs(score) < FLOAT32_OVERFLOW ? score : Math.fround(score);
}
const FLOAT32_OVERFLOW = 2 ** 128 - 2 ** 103;

function elements(shape) {
  return shape.reduce((product, size) => product * size, 1);
}
