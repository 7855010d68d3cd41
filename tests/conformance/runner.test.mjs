// The runner of the ONNX cases fails where it must, and reads everything that the op allows. The cases are made
// here, so that these tests run where ONNX's cases are missing.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createAttention } from 'qkv';
import { normals, random } from '../random/numbers.mjs';
import { attendReference } from '../reference/attention.mjs';
import { runCase } from './run-case.mjs';

const SHAPES = { Q: [2, 4, 3, 8], K: [2, 2, 5, 8], V: [2, 2, 5, 6] };
const next = random(23);
const float = (
  shape,
  data = normals(
    next,
    shape.reduce((a, b) => a * b),
  ),
) => ({
  ...{ dtype: 'float32', shape },
  data: Float32Array.from(data),
});
const QKV = Object.fromEntries(Object.entries(SHAPES).map(([name, shape]) => [name, float(shape)]));

/** Runs the op as a case whose files hold the given tensors. */
function run(attention, { attributes = {}, inputs = {}, outputs, ...more }) {
  const files = {};
  const listed = (tensors) =>
    Object.entries(tensors).map(([param, { dtype, shape, data }]) => {
      files[param] = new Uint8Array(data.buffer);
      return { param, file: param, dtype, shape };
    });
  const description = {
    ...{ op: 'Attention', domain: 'ai.onnx', attributes },
    inputs: [...listed({ ...QKV, ...inputs }), { param: 'past_key', missing: true }],
    outputs: listed(outputs),
    ...more,
  };
  return runCase(attention, description, (file) => files[file]);
}

const expected = (options) => {
  const { data, shape } = attendReference(QKV.Q, QKV.K, QKV.V, options).output;
  return { Y: float(shape, data) };
};
const pass = [
  { way: 'inputs', failure: undefined },
  { way: 'cache', failure: undefined },
];

describe('the runner of the ONNX cases', () => {
  let attention;
  before(async () => {
    attention = await createAttention();
  });
  after(() => attention.dispose());

  test('passes a right output', () => {
    assert.deepEqual(run(attention, { outputs: expected({}) }), pass);
  });

  test('notices one wrong number, a wrong shape, NaN', () => {
    const { Y } = expected({});
    const outputs = {
      number: float(Y.shape, Y.data.with(7, Y.data[7] + 3e-5)),
      NaN: float(Y.shape, Y.data.with(7, Number.NaN)),
      infinity: float(Y.shape, Y.data.with(7, Infinity)),
      shape: float([...Y.shape].reverse(), Y.data),
    };
    for (const [what, wrong] of Object.entries(outputs))
      for (const { failure } of run(attention, { outputs: { Y: wrong } }))
        assert.match(failure, /^Y(\[7\])?: .*expected/, what);
  });

  test('refuses unknown attributes, inputs, ops and types', () => {
    const outputs = expected({});
    const unknown = {
      'attribute causal': { attributes: { causal: 1 } },
      'attribute is_causal': { attributes: { is_causal: 2 } },
      'attribute qk_matmul_output_mode': { attributes: { qk_matmul_output_mode: 4 } },
      'input sinks': { inputs: { sinks: float([4]) } },
      'op ai.onnx.Softmax': { op: 'Softmax' },
      'op com.microsoft.Attention': { domain: 'com.microsoft' },
      'dtype bfloat16': { inputs: { attn_mask: { ...float([5]), dtype: 'bfloat16' } } },
      past_value: { inputs: { past_value: float([2, 2, 1, 6]) } },
      'output Z': { outputs: { Z: outputs.Y } },
    };
    for (const [what, change] of Object.entries(unknown))
      for (const { failure } of run(attention, { outputs, ...change }))
        assert.match(failure, new RegExp(what), what);
  });

  test('reads windows, masks of any rank, and masks that are too short', () => {
    const bias = float([3]);
    const kept = { dtype: 'bool', shape: [4, 1, 5], data: new Uint8Array(20).map((_, i) => i % 3) };
    const padded = float([5], [...bias.data, -Infinity, -Infinity]);
    const known = [
      [{ attributes: { left_window_size: 1, right_window_size: -1 } }, { window: { left: 1 } }],
      [{ attributes: { left_window_size: -1, right_window_size: 0 } }, { window: { right: 0 } }],
      [{ inputs: { attn_mask: bias } }, { bias: padded }],
      [{ inputs: { attn_mask: kept } }, { mask: kept }],
      [
        {
          attributes: { is_causal: 1, left_window_size: 1 },
          inputs: { nonpad_kv_seqlen: lengths(4, 1) },
        },
        { isCausal: true, window: { left: 1 }, keyLengths: [4, 1], queryOffset: 'end' },
      ],
    ];
    for (const [node, options] of known)
      assert.deepEqual(run(attention, { ...node, outputs: expected(options) }), pass);
  });

  const lengths = (...values) => ({
    ...{ dtype: 'int64', shape: [values.length] },
    data: BigInt64Array.from(values.map(BigInt)),
  });
});
