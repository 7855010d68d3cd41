// The JavaScript reference of attention's gradient: plain loops over every pair of a query and a key, in
// double precision. It uses the reference of attention, and nothing of the package.

import { attendReference, elementOf, exclusion, offsetOf, RULES, rowsOf } from './attention.mjs';

/** The names of the inputs that have a gradient. */
export const DIFFERENTIABLE = ['query', 'key', 'value', 'bias', 'sinks', 'alibiSlopes'];

/**
 * The gradients of Σ outputGradient·output with respect to each input that the call has, in its shape.
 * `numbers` is how each step is stored: Float32Array gives naive float32 backward.
 *
 * @param {import('./attention.mjs').Tensor} query
 * @param {import('./attention.mjs').Tensor} key
 * @param {import('./attention.mjs').Tensor} value
 * @param {import('./attention.mjs').Tensor} outputGradient in the query's rank and layout
 * @param {import('./attention.mjs').Options} [options]
 */
export function backwardReference(query, key, value, outputGradient, options = {}, how = {}) {
  const { numbers = Float64Array, rules = RULES } = how;
  const { layout = 'bhld', bias, sinks, alibiSlopes } = options;
  const zeros = (shape) => ({ data: new numbers(shape.reduce((a, b) => a * b, 1)), shape });
  const Q = rowsOf(query, layout);
  const to = { query: zeros(query.shape), key: zeros(key.shape), value: zeros(value.shape) };
  if (bias) to.bias = zeros(bias.shape);
  // Where a tensor that broadcasts has the element of a query and a key.
  const indices = bias && { data: Array.from(bias.data, (_, i) => i), shape: bias.shape };
  if (sinks) to.sinks = zeros([Q.heads]);
  if (alibiSlopes) to.alibiSlopes = zeros([Q.heads]);
  const problem = {
    ...{ Q, K: rowsOf(key, layout), V: rowsOf(value, layout), dO: rowsOf(outputGradient, layout) },
    ...{
      options,
      numbers,
      rules,
      to,
      indices,
      steps: attendReference(query, key, value, options, how),
    },
  };
  let row = 0;
  for (let b = 0; b < Q.batch; b++)
    for (let h = 0; h < Q.heads; h++)
      for (let i = 0; i < Q.rows; i++, row++) {
        const isExcluded = exclusion(query, key, options, b, h, i, rules);
        addRow(problem, { b, h, i, row, isExcluded });
      }
  return to;
}

/** What one query adds to each gradient. */
function addRow(
  { Q, K, V, dO, options, numbers, rules, to, indices, steps },
  { b, h, i, row, isExcluded },
) {
  const { scale = 1 / Math.sqrt(Q.columns), softcap = 0, sinks, alibiSlopes } = options;
  const biasIndex = indices && elementOf(indices, b, h, i);
  const keyHead = rules.keyHead(h, Q.heads, K.heads);
  const position = i + offsetOf(options, b, Q.rows, K.rows);
  const q = Q.row(b, h, i) * Q.columns;
  const o = dO.row(b, h, i) * V.columns;
  const sums = new numbers(3);
  for (let c = 0; c < V.columns; c++) sums[0] += dO.data[o + c] * steps.output.data[o + c];
  const delta = sums[0];
  let isEmpty = true;
  for (let j = 0, pair = row * K.rows; j < K.rows; j++, pair++) {
    if (isExcluded(j)) continue;
    isEmpty = false;
    const k = K.row(b, keyHead, j) * K.columns;
    const v = V.row(b, keyHead, j) * V.columns;
    const weight = steps.weights.data[pair];
    sums[1] = 0;
    for (let c = 0; c < V.columns; c++) {
      sums[1] += dO.data[o + c] * V.data[v + c];
      to.value.data[v + c] += weight * dO.data[o + c];
    }
    sums[2] = weight * (sums[1] - delta);
    if (biasIndex) to.bias.data[biasIndex(j)] += sums[2];
    if (alibiSlopes) to.alibiSlopes.data[h] -= sums[2] * Math.abs(position - j);
    if (softcap > 0) sums[2] *= 1 - (steps.scoresCapped.data[pair] / softcap) ** 2;
    for (let d = 0; d < Q.columns; d++) {
      to.query.data[q + d] += scale * sums[2] * K.data[k + d];
      to.key.data[k + d] += scale * sums[2] * Q.data[q + d];
    }
  }
  if (sinks && !isEmpty) to.sinks.data[h] -= Math.exp(sinks[h] - steps.logSumExp.data[row]) * delta;
}
