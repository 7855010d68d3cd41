// A problem cut into parts over disjoint keys, whose results are merged: consecutive keys, as several
// machines would have them, or keys dealt out at random.

import { elementOf, offsetOf } from '../reference/attention.mjs';

/** The result of a problem by `engine`: { output, …captures }, the output [B, H, L, Dv]. */
export function compute(engine, problem) {
  const { by } = problem.way;
  if (by !== 'chunks' && by !== 'subsets') return engine.attend(problem);
  const parts = by === 'chunks' ? chunksOf(problem) : subsetsOf(problem);
  return engine.merge(
    problem,
    parts.map((part) => engine.attend(part)),
  );
}

/** Where the keys are cut, ascending, from 0 to all of them. */
export function cutsOf({ cuts }, keys) {
  return [0, ...cuts.map((cut) => Math.floor((cut * keys) / 16)), keys].sort((a, b) => a - b);
}

/** Consecutive keys: each part has its own offset, lengths, mask and bias. */
function chunksOf(problem) {
  const { query, key, value, options } = problem;
  const [batch, , rows] = query.shape;
  const keys = key.shape[2];
  const { keyLengths, mask, bias } = options;
  const cuts = cutsOf(problem.way, keys);
  const lengths = keyLengths ?? Array(batch).fill(keys);
  return cuts.slice(1).map((to, part) => {
    const from = cuts[part];
    const own = {
      ...withSinksIn(options, part, 0),
      queryOffset: lengths.map((_, b) => offsetOf(options, b, rows, keys) - from),
      keyLengths: lengths.map((length) => Math.max(0, Math.min(length, to) - from)),
      ...(mask && { mask: sliceKeys(mask, mask.shape.length - 1, from, to) }),
      ...(bias && { bias: sliceKeys(bias, bias.shape.length - 1, from, to) }),
    };
    return partOf(problem, sliceKeys(key, 2, from, to), sliceKeys(value, 2, from, to), own);
  });
}

/** Keys dealt out at random: each part masks the other parts' keys. */
function subsetsOf(problem) {
  const { key, value, options, way } = problem;
  const dealt = (j) => (Math.imul(j + 1, 0x9e3779b1) >>> 13) % way.parts;
  return Array.from({ length: way.parts }, (_, part) => {
    const mask = narrowedMask(problem, (_b, _i, j) => dealt(j) === part);
    const own = { ...withSinksIn(options, part, way.parts - 1), mask };
    return partOf(problem, key, value, own);
  });
}

/** The problem's mask as [B, H, L, S]; it also excludes each key for which `keeps(b, i, j)` is false. */
export function narrowedMask({ query, key, options }, keeps) {
  const [batch, heads, rows] = query.shape;
  const keys = key.shape[2];
  const data = new Uint8Array(batch * heads * rows * keys);
  let at = 0;
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < rows; i++) {
        const given = options.mask ? elementOf(options.mask, b, h, i) : () => 1;
        for (let j = 0; j < keys; j++, at++) data[at] = given(j) !== 0 && keeps(b, i, j) ? 1 : 0;
      }
  return { data, shape: [batch, heads, rows, keys] };
}

/** Exactly one part gets the sinks. */
function withSinksIn({ sinks, ...options }, part, which) {
  return sinks && part === which ? { ...options, sinks } : options;
}

function partOf(problem, key, value, options) {
  const way = { by: 'inputs' };
  return { ...problem, key, value, options, given: options, capture: ['logSumExp'], way };
}

/** Keys `from` to `to` along an axis. An axis of 1 broadcasts and stays as it is. */
export function sliceKeys({ data, shape }, axis, from, to) {
  const extent = shape[axis];
  if (extent === 1 && axis === shape.length - 1) return { data, shape };
  const columns = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = data.length / (extent * columns);
  const sliced = new data.constructor(outer * (to - from) * columns);
  for (let o = 0; o < outer; o++) {
    const start = (o * extent + from) * columns;
    sliced.set(data.subarray(start, start + (to - from) * columns), o * (to - from) * columns);
  }
  return { data: sliced, shape: shape.with(axis, to - from) };
}
