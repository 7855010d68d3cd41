// A problem is one attention to compute: its shape, its name, its inputs and its number of operations.

import { normalNumbers, uniformNumbers } from './random.mjs';

/** `options` may have: causal, mask, bias, softcap, alibi. `resident` keys and values are in a KV cache. */
export function problem({
  heads = 8,
  queries,
  keys = queries,
  depth = 64,
  keyHeads = heads,
  options = [],
  resident = false,
}) {
  const shape = { heads, keyHeads, queries, keys, depth };
  return { name: nameOf(shape, options), ...shape, options, resident };
}

/** The worked example of README: Q = [3 4], K = [1 2; 2 3], V = [7 8; 9 10]. */
export const WORKED_EXAMPLE = {
  ...problem({ heads: 1, queries: 1, keys: 2, depth: 2 }),
  name: 'worked example',
  numbers: { query: [3, 4], key: [1, 2, 2, 3], value: [7, 8, 9, 10] },
};

function nameOf({ heads, keyHeads, queries, keys, depth }, options) {
  const lengths = queries === keys ? [`L=${queries}`] : [`L=${queries}`, `S=${keys}`];
  const counts = heads === keyHeads ? [`H=${heads}`] : [`H=${heads}`, `Hk=${keyHeads}`];
  return [...lengths, ...counts, `D=${depth}`, ...options].join(' ');
}

/** { query, key, value, options }: tensors [1, H, L, D], and options as the package takes them. */
export function inputsOf(given) {
  const { heads, keyHeads, queries, keys, depth, options, numbers } = given;
  const tensor = (name, count, rows, seed) => ({
    shape: [1, count, rows, depth],
    data: numbers ? Float32Array.from(numbers[name]) : normalNumbers(seed, count * rows * depth),
  });
  return {
    query: tensor('query', heads, queries, 1),
    key: tensor('key', keyHeads, keys, 2),
    value: tensor('value', keyHeads, keys, 3),
    options: Object.assign({}, ...options.map((name) => OPTIONS[name](given))),
  };
}

const OPTIONS = {
  causal: () => ({ isCausal: true }),
  // Attends nine keys of ten, and always the first, so that no row is empty.
  mask: ({ queries, keys }) => ({
    mask: {
      shape: [queries, keys],
      data: Uint8Array.from(uniformNumbers(4, queries * keys), (u, i) =>
        Number(u < 0.9 || i % keys === 0),
      ),
    },
  }),
  bias: ({ queries, keys }) => ({
    bias: {
      shape: [queries, keys],
      data: normalNumbers(5, queries * keys),
    },
  }),
  softcap: () => ({ softcap: 20 }),
  alibi: ({ heads }) => ({
    alibiSlopes: Array.from({ length: heads }, (_, h) => 2 ** ((-8 * (h + 1)) / heads)),
  }),
};

/** The operations of Q·Kᵀ and P·V over the attended pairs, and the bytes of the keys and values. */
export function workOf({ heads, keyHeads, queries, keys, depth, options }) {
  const pairs = options.includes('causal') ? (queries * (queries + 1)) / 2 : queries * keys;
  return { operations: 4 * heads * pairs * depth, bytes: 2 * keyHeads * keys * depth * 4 };
}
