// ONNX's Attention (opset 23 to 25) by the public API: once with keys and values as inputs, once with
// a KVCache that they were appended to.

import { isCount, isFlag, isNumber, isOneOf, readNode, separateHeads } from './op-node.mjs';
import { concatenateRows, swapHeadsAndRows } from './rows.mjs';

const isBound = (value) => Number.isInteger(value) && value >= -1;
const KNOWN = {
  attributes: {
    is_causal: isFlag,
    q_num_heads: isCount,
    kv_num_heads: isCount,
    scale: isNumber,
    softcap: isNumber,
    qk_matmul_output_mode: isOneOf(0, 1, 2, 3),
    // Numbers of float, float16, double and bfloat16. Softmax is computed in float32 here, which is
    // within the tolerance of each.
    softmax_precision: isOneOf(1, 10, 11, 16),
    // Opset 25: inclusive bounds around the query's position, −1 is none.
    left_window_size: isBound,
    right_window_size: isBound,
  },
  inputs: ['Q', 'K', 'V', 'attn_mask', 'past_key', 'past_value', 'nonpad_kv_seqlen'],
};
const CAPTURES = ['scoresRaw', 'scoresCapped', 'scoresMasked', 'weights'];

/** Each gives { Y, present_key, present_value, qk_matmul_output } for { attributes, inputs }. */
export const ATTENTION_WAYS = {
  inputs: (attention, node) => {
    const call = callOf(node);
    return outputsOf(call, attention.attend(call.query, call.key, call.value, call.options));
  },
  cache: (attention, node) => {
    const call = callOf(node);
    const [batch, heads, , depth] = call.present.key.shape;
    const valueDepth = call.present.value.shape[3];
    const cache = attention.createKVCache({ batch, heads, depth, valueDepth });
    try {
      for (const { key, value } of call.appended) cache.append(key, value);
      const result = attention.attend(call.query, cache, call.options);
      return outputsOf(call, result, readCache(attention, cache, call.present));
    } finally {
      cache.dispose();
    }
  },
};

/**
 * The node as calls of this package: { query, key, value, options } for attend(); `appended` keys and values
 * for a cache, one after the other; and `present`, all of them, both [B, Hk, L, D].
 */
export function callOf(node) {
  const { attributes, inputs } = readNode(node, KNOWN);
  const { q_num_heads, kv_num_heads } = attributes;
  const layout = inputs.Q.shape.length === 3 ? 'blhd' : 'bhld';
  const swapped = (rows) => (layout === 'blhd' ? swapHeadsAndRows(rows) : rows);
  const query = separateHeads(inputs.Q, q_num_heads, 'Q');
  const key = swapped(separateHeads(inputs.K, kv_num_heads, 'K'));
  const value = swapped(separateHeads(inputs.V, kv_num_heads, 'V'));
  const { past_key, past_value, nonpad_kv_seqlen } = inputs;
  if ((past_key === undefined) !== (past_value === undefined))
    throw new Error('past_key and past_value come together or not at all');
  const past = past_key && { key: past_key, value: past_value };
  const appended = past ? [past, { key, value }] : [{ key, value }];
  const present = appended.reduce((before, after) => ({
    key: concatenateRows(before.key, after.key),
    value: concatenateRows(before.value, after.value),
  }));
  const options = {
    layout,
    queryOffset: past ? past_key.shape[2] : nonpad_kv_seqlen ? 'end' : 0,
    capture: [CAPTURES[attributes.qk_matmul_output_mode ?? 0]],
    ...optionsOf(attributes),
    ...(nonpad_kv_seqlen && { keyLengths: nonpad_kv_seqlen.data }),
    ...maskOf(inputs.attn_mask, present.key.shape[2]),
  };
  return {
    query,
    key: swapped(present.key),
    value: swapped(present.value),
    appended,
    present,
    options,
  };
}

function optionsOf({ scale, softcap, is_causal, left_window_size, right_window_size }) {
  const bound = (size) => (size === undefined || size === -1 ? undefined : size);
  return {
    ...(scale !== undefined && { scale }),
    ...(softcap !== undefined && { softcap }),
    ...(is_causal !== undefined && { isCausal: is_causal === 1 }),
    window: { left: bound(left_window_size), right: bound(right_window_size) },
  };
}

/** A mask of booleans is a mask, one of numbers a bias. Keys beyond a short mask are masked. */
function maskOf(mask, keys) {
  if (mask === undefined) return {};
  const isBoolean = mask.dtype === 'bool';
  const given = mask.shape.at(-1);
  if (given === keys) return isBoolean ? { mask } : { bias: mask };
  const rows = mask.data.length / given;
  const data = isBoolean ? new Uint8Array(rows * keys) : new Float32Array(rows * keys);
  data.fill(isBoolean ? 0 : -Infinity);
  for (let row = 0; row < rows; row++)
    data.set(mask.data.subarray(row * given, (row + 1) * given), row * keys);
  const padded = { data, shape: [...mask.shape.slice(0, -1), keys] };
  return isBoolean ? { mask: padded } : { bias: padded };
}

/** The results of the call under the op's names. */
export function outputsOf({ present, options }, result, { key, value } = present) {
  const { data, shape } = result.output;
  const [batch, rows, heads, columns] = shape;
  const joined = options.layout === 'blhd' ? [batch, rows, heads * columns] : shape;
  return {
    Y: { data, shape: joined },
    present_key: key,
    present_value: value,
    qk_matmul_output: result[options.capture[0]],
  };
}

/**
 * The contents of the cache, read by attending it. Rows of the identity read the keys' components, and a mask
 * of one key reads its value; both are exact. Arithmetic cannot read rows with NaN or an infinity: they are
 * taken as they were appended.
 */
function readCache(attention, cache, present) {
  const [batch, heads, keys, depth] = present.key.shape;
  const everyHead = (...shape) => [batch, heads, ...shape];
  const copies = (count, element) =>
    Float32Array.from({ length: batch * heads * count }, (_, i) => element(i % count));
  const axes = {
    shape: everyHead(depth, depth),
    data: copies(depth * depth, (i) => Number(i % (depth + 1) === 0)),
  };
  const { scoresRaw } = attention.attend(axes, cache, { scale: 1, capture: ['scoresRaw'] });
  const zeros = { shape: everyHead(keys, depth), data: copies(keys * depth, () => 0) };
  const one = {
    shape: [keys, keys],
    data: Uint8Array.from({ length: keys * keys }, (_, i) => Number(i % (keys + 1) === 0)),
  };
  const { output } = attention.attend(zeros, cache, { mask: one });

  const [key, value] = [present.key, present.value].map(({ shape, data }) => ({
    shape,
    data: data.slice(),
  }));
  const rowOf = ({ data, shape }, row) => data.subarray(row * shape[3], (row + 1) * shape[3]);
  for (let row = 0; row < batch * heads * keys; row++) {
    const head = Math.floor(row / keys);
    const [keyRow, valueRow] = [rowOf(key, row), rowOf(value, row)];
    const readable = [...keyRow, ...valueRow].every(Number.isFinite);
    if (!readable) continue;
    valueRow.set(rowOf(output, row));
    keyRow.set(keyRow.map((_, d) => scoresRaw.data[(head * depth + d) * keys + (row % keys)]));
  }
  return { key, value };
}
