// Attention as semantics are written down: plain loops over every option of AttentionOptions, in
// double precision. What the engine computes is held against this, so it takes nothing from the
// package, and is slow and obvious on purpose.
//
// Tensors are { data, shape } with any array-like data. Captures are [B, H, L, S] and [B, H, L]; the
// output has the rank and layout of the query; `trace…` are the rows of AttentionTrace.

/**
 * softmax(scale·Q·Kᵀ + …)·V. Returns { output, scoresRaw, scoresCapped, scoresMasked, weights,
 * logSumExp, products, rowMax, exponentials, rowSum, contributions }, each { data, shape }.
 */
export function attendReference(query, key, value, options = {}) {
  const layout = options.layout ?? 'bhld';
  const Q = fourDimensions(query, layout);
  const K = fourDimensions(key, layout);
  const V = fourDimensions(value, layout);
  const problem = { Q, K, V, options, group: Q.heads / K.heads };
  const { batch, heads, rows } = Q;
  const perPair = [batch, heads, rows, K.rows];
  const perRow = [batch, heads, rows];
  const result = {
    output: { data: zeros(batch * heads * rows * V.columns), shape: outputShape(query, V) },
    contributions: { data: [], shape: [...perPair, V.columns] },
  };
  for (const name of ['products', 'scoresRaw', 'scoresCapped', 'scoresMasked'])
    result[name] = { data: [], shape: perPair };
  for (const name of ['exponentials', 'weights']) result[name] = { data: [], shape: perPair };
  for (const name of ['logSumExp', 'rowMax', 'rowSum']) result[name] = { data: [], shape: perRow };

  const outputAt = elementIndex(Q, V.columns);
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < rows; i++) {
        const row = attendRow(problem, b, h, i);
        for (const [name, values] of Object.entries(row)) {
          if (name !== 'output') for (const value of values) result[name].data.push(value);
        }
        for (let c = 0; c < V.columns; c++)
          result.output.data[outputAt(b, h, i, c)] = row.output[c];
      }
  return result;
}

/** One row of the result: query i of head h. */
function attendRow({ Q, K, V, options, group }, b, h, i) {
  const keyHead = Math.floor(h / group);
  const length = options.keyLengths?.[b] ?? K.rows;
  const position = i + offsetOf(options.queryOffset, b, length, Q.rows);
  const scale = options.scale ?? 1 / Math.sqrt(Q.columns);
  const cap = options.softcap ?? 0;
  const mask = options.mask && broadcast(options.mask);
  const bias = options.bias && broadcast(options.bias);
  const sink = options.sinks?.[h];
  const row = {
    ...{ products: [], scoresRaw: [], scoresCapped: [], scoresMasked: [] },
    ...{ exponentials: [], weights: [], contributions: [] },
  };

  let attended = 0;
  let max = sink ?? -Infinity;
  const excluded = [];
  for (let j = 0; j < K.rows; j++) {
    let score = 0;
    for (let d = 0; d < Q.columns; d++) score += Q.at(b, h, i, d) * K.at(b, keyHead, j, d);
    row.products.push(score);
    score *= scale;
    row.scoresRaw.push(score);
    if (cap > 0) score = cap * Math.tanh(score / cap);
    row.scoresCapped.push(score);
    if (options.alibiSlopes) score -= options.alibiSlopes[h] * Math.abs(position - j);
    if (bias) score += bias(b, h, i, j);
    const isExcluded =
      (mask && !mask(b, h, i, j)) ||
      bias?.(b, h, i, j) === -Infinity ||
      j >= length ||
      (options.isCausal === true && j > position) ||
      j < position - (options.window?.left ?? Infinity) ||
      j > position + (options.window?.right ?? Infinity);
    excluded.push(isExcluded);
    if (isExcluded) score = -Infinity;
    else attended += 1;
    row.scoresMasked.push(score);
    max = Number.isNaN(score) || Number.isNaN(max) ? Number.NaN : Math.max(max, score);
  }

  const isEmpty = attended === 0;
  let sum = sink === undefined ? 0 : Math.exp(sink - max);
  for (let j = 0; j < K.rows; j++) {
    row.exponentials.push(excluded[j] ? 0 : Math.exp(row.scoresMasked[j] - max));
    sum += row.exponentials[j];
  }
  row.output = zeros(V.columns);
  for (let j = 0; j < K.rows; j++) {
    row.weights.push(excluded[j] ? 0 : row.exponentials[j] / sum);
    for (let c = 0; c < V.columns; c++) {
      const contribution = excluded[j] ? 0 : row.weights[j] * V.at(b, keyHead, j, c);
      row.contributions.push(contribution);
      row.output[c] += contribution;
    }
  }
  row.rowMax = [max];
  row.rowSum = [sum];
  row.logSumExp = [isEmpty ? (sink ?? -Infinity) : max + Math.log(sum)];
  return row;
}

function offsetOf(queryOffset, b, length, rows) {
  if (queryOffset === 'end') return length - rows;
  return Array.isArray(queryOffset) ? queryOffset[b] : (queryOffset ?? 0);
}

/** A tensor of rank 2 to 4 as [batch, heads, rows, columns], whatever its layout. */
function fourDimensions({ data, shape }, layout) {
  const [batch, second, third, columns] = [1, 1, ...shape].slice(-4);
  const headsFirst = layout === 'bhld' || shape.length === 2;
  const [heads, rows] = headsFirst ? [second, third] : [third, second];
  const view = { batch, heads, rows, columns, headsFirst };
  const index = elementIndex(view, columns);
  return { ...view, at: (b, h, i, c) => data[index(b, h, i, c)] };
}

function elementIndex({ heads, rows, headsFirst }, columns) {
  return (b, h, i, c) =>
    (headsFirst ? (b * heads + h) * rows + i : (b * rows + i) * heads + h) * columns + c;
}

function outputShape({ shape }, { columns }) {
  return [...shape.slice(0, -1), columns];
}

/** The element of a tensor that broadcasts, right-aligned, to [B, H, L, S]. */
function broadcast({ data, shape }) {
  const extents = [1, 1, 1, 1, ...shape].slice(-4);
  return (...position) => {
    let index = 0;
    for (let axis = 0; axis < 4; axis++)
      index = index * extents[axis] + (extents[axis] === 1 ? 0 : position[axis]);
    return data[index];
  };
}

function zeros(count) {
  return new Array(count).fill(0);
}
