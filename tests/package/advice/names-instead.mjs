// Options by the names of other libraries that are no option here: a shape, a capture or another call.

import { createAttention } from 'qkv';
import { swapHeadsAndRows } from '../../conformance/rows.mjs';
import { attendReference } from '../../reference/attention.mjs';
import { rotaryReference } from '../../reference/rotary.mjs';
import { attend, KEY, QUERY, reference, VALUE } from './setting.mjs';

const [B, H, D] = [2, 2, 4];
const steps = attendReference(QUERY, KEY, VALUE);

const instead = (name, given, ways, expected) => ({
  name,
  given: (setting) => attend(setting, given),
  ways,
  expected,
});
const capture = (name) => (setting) =>
  setting.attention.attend(QUERY, KEY, VALUE, { capture: [name] })[name].data;

/** With a row of zeros behind the rows of each head. */
function withZeroRow({ data, shape: [batch, heads, rows, columns] }) {
  const shape = [batch, heads, rows + 1, columns];
  const longer = new Float32Array(batch * heads * (rows + 1) * columns);
  for (let head = 0; head < batch * heads; head++) {
    const ofHead = data.subarray(head * rows * columns, (head + 1) * rows * columns);
    longer.set(ofHead, head * (rows + 1) * columns);
  }
  return { data: longer, shape };
}

/** [B, H, L, D] as [B, L, H·D], as projections have it. */
function merged(tensor) {
  const { data, shape } = swapHeadsAndRows(tensor);
  const [batch, rows, heads, columns] = shape;
  return { data, shape: [batch, rows, heads * columns] };
}
const split = ({ data, shape: [batch, rows] }) => ({ data, shape: [batch, rows, H, D] });

/** Two sequences of 1 and 2 rows, one behind the other, as FlashAttention packs them: [rows, H, D]. */
const [LONG, SHORT] = [2, 1];
const packed = {
  data: merged(QUERY).data.subarray(0, (LONG + SHORT) * H * D),
  shape: [LONG + SHORT, H, D],
};
const first = { data: packed.data.subarray(0, SHORT * H * D), shape: [1, SHORT, H, D] };
const second = { data: packed.data.subarray(SHORT * H * D), shape: [1, LONG, H, D] };
const padded = {
  data: Float32Array.of(...first.data, ...new Float32Array(H * D), ...second.data),
  shape: [2, LONG, H, D],
};

export const CASES = [
  instead(
    'add_zero_attn of nn.MultiheadAttention',
    { add_zero_attn: true },
    { sinks: (setting) => attend(setting, { sinks: [0, 0] }) },
    reference({}, [QUERY, withZeroRow(KEY), withZeroRow(VALUE)]),
  ),
  {
    name: 'num_heads of ONNX, with heads in the last dimension',
    given: ({ attention }) =>
      attention.attend(merged(QUERY), merged(KEY), merged(VALUE), { num_heads: H }),
    ways: {
      'the shape and layout': ({ attention }) =>
        attention.attend(split(merged(QUERY)), split(merged(KEY)), split(merged(VALUE)), {
          layout: 'blhd',
        }).output.data,
    },
    expected: merged(steps.output).data,
  },
  {
    name: 'enable_gqa of PyTorch',
    given: ({ attention }) =>
      attention.attend(QUERY, oneHead(KEY), oneHead(VALUE), { enable_gqa: true }),
    ways: {
      'left out': ({ attention }) =>
        attention.attend(QUERY, oneHead(KEY), oneHead(VALUE)).output.data,
    },
    expected: reference({}, [QUERY, oneHead(KEY), oneHead(VALUE)]),
  },
  {
    name: 'cu_seqlens_q of FlashAttention',
    given: ({ attention }) =>
      attention.attend(packed, packed, packed, { layout: 'blhd', cu_seqlens_q: [0, 1, 3] }),
    ways: {
      'padded, with keyLengths': ({ attention }) => {
        const options = { layout: 'blhd', keyLengths: [SHORT, LONG] };
        const { data } = attention.attend(padded, padded, padded, options).output;
        return [...data.subarray(0, SHORT * H * D), ...data.subarray(LONG * H * D)];
      },
    },
    expected: [first, second].flatMap((x) => [...reference({ layout: 'blhd' }, [x, x, x])]),
  },
  instead(
    'need_weights of PyTorch',
    { need_weights: true },
    { capture: capture('weights') },
    steps.weights.data,
  ),
  instead(
    'return_softmax_lse of FlashAttention',
    { return_softmax_lse: true },
    { capture: capture('logSumExp') },
    steps.logSumExp.data,
  ),
  ...['scoresRaw', 'scoresCapped', 'scoresMasked', 'weights'].map((name) =>
    instead(
      `qk_matmul_output_mode of ONNX: ${name}`,
      { qk_matmul_output_mode: 0 },
      { capture: capture(name) },
      steps[name].data,
    ),
  ),
  instead(
    'past_key of ONNX',
    { past_key: KEY },
    {
      'a cache': ({ attention }) => {
        const cache = attention.createKVCache({ batch: B, heads: H, depth: D });
        cache.append(KEY, VALUE);
        const { data } = attention.attend(QUERY, cache).output;
        cache.dispose();
        return data;
      },
    },
    steps.output.data,
  ),
  instead(
    'position_ids of ONNX',
    { position_ids: [5, 6] },
    {
      'rotated before': ({ attention }) => {
        const query = attention.rotaryEmbedding(QUERY, { positions: [5, 6] });
        const key = attention.rotaryEmbedding(KEY, { positions: [3, 4, 5, 6] });
        return attention.attend(query, key, VALUE).output.data;
      },
    },
    reference({}, [
      rotaryReference(QUERY, { positions: [5, 6] }),
      rotaryReference(KEY, { positions: [3, 4, 5, 6] }),
      VALUE,
    ]),
  ),
  instead(
    'deterministic of FlashAttention',
    { deterministic: true },
    {
      'to createAttention()': async () =>
        attend({ attention: await createAttention({ deterministic: true }) }),
    },
    steps.output.data,
  ),
];

/** The first head alone. */
function oneHead({ data, shape: [batch, heads, rows, columns] }) {
  const head = rows * columns;
  const kept = Array.from({ length: batch }, (_, b) => [
    ...data.subarray(b * heads * head, b * heads * head + head),
  ]);
  return { data: Float32Array.from(kept.flat()), shape: [batch, 1, rows, columns] };
}
