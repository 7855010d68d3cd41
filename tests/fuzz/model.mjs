// Attention in plain JavaScript a second time, beside tests/package/reference.mjs, for what that one is
// not for: thousands of problems of a few million products; naive float32, whose error is the measure
// of ours; and mutations, which show that the tests notice what they are there to notice.
//
// model.test.mjs holds it against the reference.

export const DOUBLE = { numbers: Float64Array };
export const FLOAT = { numbers: Float32Array };

/**
 * softmax(scale·Q·Kᵀ + …)·V of { query, key, value, options }, each tensor { data, shape } and [B, H, L, D].
 * What is computed is stored as `numbers`, which rounds it. Captures are all there.
 */
export function attendModel({ query, key, value, options }, { numbers, mutation }) {
  const [batch, heads, rows, depth] = query.shape;
  const [, keyHeads, keys] = key.shape;
  const columns = value.shape[3];
  const pairs = batch * heads * rows * keys;
  const result = {
    output: {
      data: new numbers(batch * heads * rows * columns),
      shape: [batch, heads, rows, columns],
    },
    logSumExp: { data: new numbers(batch * heads * rows), shape: [batch, heads, rows] },
  };
  for (const name of ['scoresRaw', 'scoresCapped', 'scoresMasked', 'weights'])
    result[name] = { data: new numbers(pairs), shape: [batch, heads, rows, keys] };
  const problem = { query, key, value, options, numbers, mutation, rows, keys, depth, columns };
  const group = heads / keyHeads;
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++) {
      const keyHead =
        mutation === 'heads tiled instead of repeated' ? h % keyHeads : Math.floor(h / group);
      const firstKey = (b * keyHeads + keyHead) * keys;
      for (let i = 0; i < rows; i++) {
        const row = (b * heads + h) * rows + i;
        attendRow(problem, result, {
          b,
          h,
          i,
          row,
          firstKey,
          isExcluded: exclusion(problem, b, h, i),
        });
      }
    }
  return result;
}

function attendRow(problem, result, at) {
  const { value, options, mutation, keys, columns } = problem;
  scoreRow(problem, result, at);
  const masked = result.scoresMasked.data.subarray(at.row * keys, (at.row + 1) * keys);
  const weights = result.weights.data.subarray(at.row * keys, (at.row + 1) * keys);
  const output = result.output.data.subarray(at.row * columns, (at.row + 1) * columns);
  const sink = options.sinks?.[at.h];

  let attended = 0;
  let max = sink ?? -Infinity;
  for (let j = 0; j < keys; j++) {
    if (at.isExcluded(j)) continue;
    attended += 1;
    max = Number.isNaN(masked[j]) ? Number.NaN : Math.max(max, masked[j]);
  }
  if (mutation === 'maximum not subtracted') max = 0;
  // In double, as the package sums what its weights are divided by: rows promise to sum to 1.
  const cell = new Float64Array(3);
  cell[0] = sink === undefined ? 0 : Math.exp(sink - max);
  cell[1] = 0;
  for (let j = 0; j < keys; j++) {
    weights[j] = at.isExcluded(j) ? 0 : Math.exp(masked[j] - max);
    cell[1] += weights[j];
  }
  cell[2] = cell[0] + cell[1];
  for (let j = 0; j < keys; j++) if (weights[j] !== 0) weights[j] /= cell[2];
  const isUniform = attended === 0 && mutation === 'empty row made uniform';
  if (isUniform) weights.fill(1 / keys);
  for (let j = 0; j < keys; j++) {
    if (at.isExcluded(j) && !isUniform && mutation !== 'poison leaking') continue;
    const from = (at.firstKey + j) * columns;
    for (let c = 0; c < columns; c++) output[c] += weights[j] * value.data[from + c];
  }
  const sum = mutation === 'sinks ignored in logSumExp' ? cell[1] : cell[2];
  result.logSumExp.data[at.row] = attended === 0 ? (sink ?? -Infinity) : max + Math.log(sum);
}

/** Scores of one row, at each stage. */
function scoreRow({ query, key, options, numbers, mutation, keys, depth }, result, at) {
  const { b, h, i, row, firstKey } = at;
  const raw = result.scoresRaw.data;
  const capped = result.scoresCapped.data;
  const masked = result.scoresMasked.data;
  const scale = options.scale ?? 1 / Math.sqrt(depth);
  const { softcap = 0, bias, alibiSlopes } = options;
  const position = i + offsetOf(options, b, query.shape[2], keys);
  const cell = new numbers(1);
  const cap = (score) => (softcap > 0 ? softcap * Math.tanh(score / softcap) : score);
  const capsLast = mutation === 'softcap after bias';
  const biasAt = bias && broadcast(bias, b, h, i);
  for (let j = 0; j < keys; j++) {
    const k = (firstKey + j) * depth;
    cell[0] = 0;
    for (let d = 0; d < depth; d++) cell[0] += query.data[row * depth + d] * key.data[k + d];
    const at_ = row * keys + j;
    raw[at_] = scale * cell[0];
    capped[at_] = capsLast ? raw[at_] : cap(raw[at_]);
    cell[0] = capped[at_];
    if (alibiSlopes) cell[0] -= alibiSlopes[h] * Math.abs(position - j);
    if (biasAt) cell[0] += biasAt(j);
    if (capsLast) cell[0] = cap(cell[0]);
    masked[at_] = at.isExcluded(j) ? -Infinity : cell[0];
  }
}

/** Whether key j is excluded for query i of head h. */
export function exclusion({ options, mutation, query, keys }, b, h, i) {
  const { mask, bias, window, isCausal } = options;
  const rows = query.shape[2];
  const length = options.keyLengths?.[b] ?? keys;
  const position = i + offsetOf(options, b, rows, keys);
  const frontier =
    mutation === 'causal aligned to the other corner'
      ? i + (offsetOf(options, b, rows, keys) === 0 ? length - rows : 0)
      : position;
  const left = (window?.left ?? Infinity) - (mutation === 'window off by one' ? 1 : 0);
  const right = window?.right ?? Infinity;
  const maskAt = mask && broadcast(mask, b, h, i);
  const biasAt = bias && broadcast(bias, b, h, i);
  return (j) =>
    j >= length ||
    (isCausal === true && j > frontier) ||
    j < position - left ||
    j > position + right ||
    (maskAt !== undefined && maskAt(j) === 0) ||
    biasAt?.(j) === -Infinity;
}

/** Where query 0 of batch element b stands on the axis of keys. */
export function offsetOf({ queryOffset, keyLengths }, b, rows, keys) {
  if (queryOffset === 'end') return (keyLengths?.[b] ?? keys) - rows;
  return Array.isArray(queryOffset) ? queryOffset[b] : (queryOffset ?? 0);
}

/** Row (b, h, i) of a tensor that broadcasts, right-aligned, to [B, H, L, S]: the element of key j. */
export function broadcast({ data, shape }, b, h, i) {
  const [batch, heads, rows, keys] = [1, 1, 1, 1, ...shape].slice(-4);
  const row = ((batch === 1 ? 0 : b) * heads + (heads === 1 ? 0 : h)) * rows + (rows === 1 ? 0 : i);
  return keys === 1 ? () => data[row] : (j) => data[row * keys + j];
}

/** Results over disjoint keys, as one: each { output, logSumExp }. */
export function mergeModel(parts, { numbers, mutation }) {
  const [{ output, logSumExp }] = parts;
  const columns = output.shape.at(-1);
  const merged = {
    output: { data: new numbers(output.data.length), shape: output.shape },
    logSumExp: { data: new numbers(logSumExp.data.length), shape: logSumExp.shape },
  };
  for (let row = 0; row < logSumExp.data.length; row++) {
    const max = parts.reduce((m, part) => Math.max(m, part.logSumExp.data[row]), -Infinity);
    const isEmpty = max === -Infinity;
    const rescaled = parts.map((part) => (isEmpty ? 0 : Math.exp(part.logSumExp.data[row] - max)));
    const sum = rescaled.reduce((a, b) => a + b, 0);
    merged.logSumExp.data[row] = isEmpty ? -Infinity : max + Math.log(sum);
    parts.forEach((part, p) => {
      const share = mutation === 'merge without rescaling' ? 1 / parts.length : rescaled[p] / sum;
      if (rescaled[p] === 0) return;
      for (let c = 0; c < columns; c++)
        merged.output.data[row * columns + c] += share * part.output.data[row * columns + c];
    });
  }
  return merged;
}
