// Random nodes of ONNX's Attention: shapes on each boundary of the tiles, with every option of the op. fast-check
// chooses a recipe, small enough to read; `nodeOf` makes its node.

import fc from 'fast-check';
import { elements, normals, random } from '../random/numbers.mjs';
import { count, size } from '../random/recipe.mjs';

const shapes = fc.record({
  seed: fc.nat(),
  rank: fc.constantFrom(3, 4),
  batch: count,
  keyHeads: count,
  group: count,
  queries: size(47, 48, 49),
  keys: size(119, 120, 121),
  past: fc.constantFrom(0, 0, 1, 4, 12),
  depth: size(32),
  valueDepth: size(32),
});

/** `ones` are the dimensions of [B, H, L, S] that are 1; `short` is by how many keys the mask is too short. */
const mask = fc.record({
  dtype: fc.constantFrom('bool', 'float32'),
  rank: fc.constantFrom(2, 2, 3, 3, 4, 4, 4, 1),
  ones: fc.tuple(
    fc.boolean(),
    fc.boolean(),
    fc.nat(7).map((n) => n === 7),
  ),
  short: fc.nat(15).map((n) => (n < 14 ? 0 : n - 13)),
});

const optionsOf = ({ batch, keys }) =>
  fc.record(
    {
      is_causal: fc.constantFrom(0, 1),
      scale: fc.integer({ min: 1, max: 32 }).map((n) => n / 16),
      softcap: fc.constantFrom(0, 0.5, 2, 30),
      qk_matmul_output_mode: fc.constantFrom(0, 1, 2, 3),
      attn_mask: mask,
      nonpad_kv_seqlen: fc.array(fc.nat(keys), { minLength: batch, maxLength: batch }),
    },
    { requiredKeys: [] },
  );

export const recipe = shapes.chain((s) => optionsOf(s).map((options) => ({ ...s, options })));

/** { attributes, inputs } as attention-op.mjs reads it. */
export function nodeOf({ options, ...s }) {
  const next = random(s.seed);
  const heads = s.keyHeads * s.group;
  const float = (...shape) => ({
    ...{ dtype: 'float32', shape },
    data: normals(next, elements(shape)),
  });
  const rows = (headCount, length, columns) =>
    s.rank === 3
      ? float(s.batch, length, headCount * columns)
      : float(s.batch, headCount, length, columns);
  const { attn_mask, nonpad_kv_seqlen, ...attributes } = options;
  const inputs = {
    Q: rows(heads, s.queries, s.depth),
    K: rows(s.keyHeads, s.keys, s.depth),
    V: rows(s.keyHeads, s.keys, s.valueDepth),
  };
  if (attn_mask)
    inputs.attn_mask = maskOf([s.batch, heads, s.queries, s.past + s.keys], attn_mask, next);
  if (s.past > 0) {
    inputs.past_key = float(s.batch, s.keyHeads, s.past, s.depth);
    inputs.past_value = float(s.batch, s.keyHeads, s.past, s.valueDepth);
  } else if (nonpad_kv_seqlen) {
    // The op has nonpad_kv_seqlen for the caller's buffer of keys, not together with past keys.
    inputs.nonpad_kv_seqlen = { dtype: 'int64', shape: [s.batch], data: nonpad_kv_seqlen };
  }
  const numbers = s.rank === 3 && { q_num_heads: heads, kv_num_heads: s.keyHeads };
  return { attributes: { ...attributes, ...numbers }, inputs };
}

function maskOf(full, { dtype, rank, ones, short }, next) {
  const shape = full.map((extent, axis) => (ones[axis] ? 1 : extent)).slice(4 - rank);
  shape[rank - 1] = Math.max(1, shape[rank - 1] - short);
  const kept = Uint8Array.from({ length: elements(shape) }, () => Number(next() % 3 > 0));
  if (dtype === 'bool') return { dtype, shape, data: kept };
  const data = normals(next, kept.length).map((x, i) => (kept[i] ? x : -Infinity));
  return { dtype, shape, data };
}
