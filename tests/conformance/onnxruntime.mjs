// onnxruntime-web's result for a node of ONNX's Attention, by its WebAssembly backend from npm.

import * as ort from 'onnxruntime-web';
import { modelOf } from './onnx-graph.mjs';

// One thread, since workers would outlive the test.
ort.env.wasm.numThreads = 1;
// It throws its refusals, so it need not log them.
ort.env.logLevel = 'fatal';

export const VERSION = ort.env.versions.web;
const SLOTS = ['Q', 'K', 'V', 'attn_mask', 'past_key', 'past_value', 'nonpad_kv_seqlen'];
const TENSOR_DATA = {
  float32: (data) => data,
  bool: (data) => data,
  int64: (data) => BigInt64Array.from(data, BigInt),
};

/** { Y, present_key, present_value, qk_matmul_output }, each { data, shape }. */
export async function runOnnxruntime({ attributes, inputs }) {
  const hasPast = inputs.past_key !== undefined;
  const outputs = [
    ['Y', 'float32'],
    ['present_key', hasPast && 'float32'],
    ['present_value', hasPast && 'float32'],
    ['qk_matmul_output', 'float32'],
  ];
  const slots = SLOTS.map((name) => [name, inputs[name]?.dtype]);
  const model = modelOf({ op: 'Attention', opset: 24, attributes, inputs: slots, outputs });
  const feeds = Object.entries(inputs).map(([name, { dtype, shape, data }]) => [
    name,
    new ort.Tensor(dtype, TENSOR_DATA[dtype](data), shape),
  ]);
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['wasm'],
    logSeverityLevel: 4,
  });
  try {
    const results = await session.run(Object.fromEntries(feeds));
    return Object.fromEntries(
      Object.entries(results).map(([name, { data, dims }]) => [name, { data, shape: [...dims] }]),
    );
  } finally {
    await session.release();
  }
}
