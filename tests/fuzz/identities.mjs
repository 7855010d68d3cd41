// Pairs of problems that mean the same: each entry makes a pair from a random problem with tensors
// [B, H, L, D].

import { offsetOf } from '../reference/attention.mjs';
import { narrowedMask } from './parts.mjs';

/** Options without those that depend on the order of keys. */
const withoutPositions = ({ isCausal, window, alibiSlopes, keyLengths, queryOffset, ...rest }) =>
  rest;
const changed = (problem, options, tensors = {}) => ({
  ...problem,
  ...tensors,
  options,
  given: options,
});
const startOf = ({ options, query, key }, b) => offsetOf(options, b, query.shape[2], key.shape[2]);

export const IDENTITIES = {
  'keys may come in any order': (problem) => {
    const options = withoutPositions(problem.options);
    const keys = problem.key.shape[2];
    const order = Array.from({ length: keys }, (_, j) => j).sort(
      (a, b) => Math.imul(a + 1, 0x9e3779b1) - Math.imul(b + 1, 0x9e3779b1),
    );
    const reordered = ({ data, shape }, axis) => {
      if (shape[axis] !== keys) return { data, shape };
      const columns = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
      const moved = data.slice();
      for (let row = 0; row * columns < data.length; row++) {
        const from = row - (row % keys) + order[row % keys];
        moved.set(data.subarray(from * columns, (from + 1) * columns), row * columns);
      }
      return { data: moved, shape };
    };
    const last = (tensor) => tensor && reordered(tensor, tensor.shape.length - 1);
    const other = {
      ...options,
      ...(options.mask && { mask: last(options.mask) }),
      ...(options.bias && { bias: last(options.bias) }),
    };
    const { key, value } = problem;
    const tensors = { key: reordered(key, 2), value: reordered(value, 2) };
    return [changed(problem, options), changed(problem, other, tensors)];
  },

  'parts that are merged are the whole': (problem) => [
    problem,
    { ...problem, way: { by: 'chunks', cuts: [5, 9, 9] } },
  ],

  'keys dealt out and merged are the whole': (problem) => [
    problem,
    { ...problem, way: { by: 'subsets', parts: 3 } },
  ],

  'a cache is its keys': (problem) => {
    const options = { queryOffset: 0, ...problem.options };
    const whole = changed(problem, options);
    return [whole, { ...whole, way: { by: 'cache', cuts: [3, 8], truncated: 2 } }];
  },

  'a window wide enough is none': (problem) => {
    const { window, ...options } = problem.options;
    return [
      changed(problem, options),
      changed(problem, { ...options, window: { left: 5000, right: 5000 } }),
    ];
  },

  'a window and causality are a mask': (problem) => {
    const { isCausal, window, ...options } = problem.options;
    const mask = narrowedMask(problem, (b, i, j) => {
      const distance = j - (i + startOf(problem, b));
      return distance >= -9 && distance <= 0;
    });
    const narrow = { isCausal: true, window: { left: 9, right: 4 } };
    return [changed(problem, { ...options, ...narrow }), changed(problem, { ...options, mask })];
  },

  'key lengths are a mask': (problem) => {
    const { keyLengths: _, ...options } = { ...problem.options, queryOffset: 1 };
    const [batch, keys] = [problem.query.shape[0], problem.key.shape[2]];
    const keyLengths = Array.from({ length: batch }, (_, b) => Math.floor((keys * (b + 1)) / 3));
    const mask = narrowedMask(problem, (b, _i, j) => j < keyLengths[b]);
    return [changed(problem, { ...options, keyLengths }), changed(problem, { ...options, mask })];
  },

  'a mask is a bias of −Infinity': (problem) => {
    const { bias, ...options } = problem.options;
    const mask = options.mask ?? narrowedMask(problem, (_b, i, j) => (i + j) % 3 > 0);
    const { mask: _, ...unmasked } = options;
    const excluded = Float32Array.from(mask.data, (kept) => (kept ? 0 : -Infinity));
    return [
      changed(problem, { ...options, mask }),
      changed(problem, { ...unmasked, bias: { data: excluded, shape: mask.shape } }),
    ];
  },

  'ALiBi is a bias': (problem) => {
    const { bias, alibiSlopes, ...options } = problem.options;
    const [batch, heads, rows] = problem.query.shape;
    const keys = problem.key.shape[2];
    const slopes = Array.from({ length: heads }, (_, h) => 2 ** -(h + 1));
    const data = new Float32Array(batch * heads * rows * keys);
    let at = 0;
    for (let b = 0; b < batch; b++)
      for (let h = 0; h < heads; h++)
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < keys; j++, at++)
            data[at] = -slopes[h] * Math.abs(i + startOf(problem, b) - j);
    return [
      changed(problem, { ...options, alibiSlopes: slopes }),
      changed(problem, { ...options, bias: { data, shape: [batch, heads, rows, keys] } }),
    ];
  },

  'a scale may be in the queries': (problem) => {
    const { data, shape } = problem.query;
    const doubled = { query: { data: data.map((x) => 2 * x), shape } };
    return [
      changed(problem, { ...problem.options, scale: 0.5 }),
      changed(problem, { ...problem.options, scale: 0.25 }, doubled),
    ];
  },

  'a softcap far above the scores is none': (problem) => {
    const { softcap, ...options } = problem.options;
    return [changed(problem, options), changed(problem, { ...options, softcap: 2 ** 20 })];
  },

  'heads that share keys are heads with copies of them': (problem) => {
    const heads = problem.query.shape[1];
    const copied = ({ data, shape: [batch, keyHeads, rows, columns] }) => {
      const size = rows * columns;
      const copies = new Float32Array(batch * heads * size);
      for (let head = 0; head < batch * heads; head++) {
        const from = Math.floor((head * keyHeads) / heads) * size;
        copies.set(data.subarray(from, from + size), head * size);
      }
      return { data: copies, shape: [batch, heads, rows, columns] };
    };
    const { key, value, options } = problem;
    return [problem, changed(problem, options, { key: copied(key), value: copied(value) })];
  },
};
