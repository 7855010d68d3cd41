// onnxruntime-web on its WebAssembly backend, one thread: a graph of one node.

import { swapHeadsAndRows, swappedData } from './layout.mjs';

/**
 * `simd` is onnxruntime-web's setting of that name. `constantKeys` makes keys and values constants of the
 * graph: they are then not copied for each call, but no key can be added.
 */
export function onnxruntime(op, { simd = true, constantKeys = false } = {}) {
  const open = async ({ model }) => {
    // The library reads this setting once, so each setting imports its own copy of the module.
    const ort = await import(`${import.meta.resolve('onnxruntime-web/wasm')}?simd=${simd}`);
    Object.assign(ort.env.wasm, { simd, numThreads: 1 });
    ort.env.logLevel = 'error';
    const prepare = async (problem, inputs) => {
      const node = OPS[op](problem, inputs);
      if (!node || (constantKeys && !problem.resident)) return undefined;
      const isConstant = (name) => constantKeys && node.constants.includes(name);
      const given = Object.entries(node.inputs);
      const externalData = given
        .filter(([name]) => isConstant(name))
        .map(([name, { data }]) => ({ path: name, data: bytesOf(data) }));
      const bytes = await model(describe(node, isConstant));
      const session = await keepingGlobals(() =>
        ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], externalData }),
      );
      const feeds = given
        .filter(([name]) => !isConstant(name))
        .map(([name, { dtype, data, shape }]) => [name, new ort.Tensor(dtype, data, shape)]);
      const fed = Object.fromEntries(feeds);
      return {
        run: () => session.run(fed),
        outputOf: ({ Y }) => node.outputOf({ data: Y.data, shape: Y.dims }),
        dispose: () => session.release(),
      };
    };
    return { prepare };
  };
  /** Describes the model, whose bytes must exist before the first result is timed. */
  open.modelOf = (problem, inputs) => describe(OPS[op](problem, inputs), () => false);
  return open;
}

// In Node the library makes Worker a global, and jax-js would then take Node for a browser.
async function keepingGlobals(create) {
  const hadWorker = 'Worker' in globalThis;
  const session = await create();
  if (!hadWorker) delete globalThis.Worker;
  return session;
}

const OPS = {
  Attention: ({ queries, keys, options }, { query, key, value, options: given }) => {
    if (options.includes('alibi')) return undefined;
    const { isCausal, softcap, mask, bias } = given;
    return {
      op: 'Attention',
      opset: 24,
      attributes: { ...(isCausal && { is_causal: 1 }), ...(softcap && { softcap }) },
      inputs: {
        Q: float32(query),
        K: float32(key),
        V: float32(value),
        ...(mask && { attn_mask: { dtype: 'bool', data: mask.data, shape: [queries, keys] } }),
        ...(bias && { attn_mask: float32(bias) }),
      },
      slots: ['Q', 'K', 'V', 'attn_mask'],
      constants: ['K', 'V'],
      outputOf: ({ data }) => data,
    };
  },
  MultiHeadAttention: ({ heads, keyHeads, options }, { query, key, value, options: given }) => {
    if (heads !== keyHeads || options.some((name) => !['causal', 'bias'].includes(name)))
      return undefined;
    const { isCausal, bias } = given;
    const joined = (tensor) => {
      const { data, shape } = swapHeadsAndRows(tensor);
      return float32({ data, shape: [shape[0], shape[1], shape[2] * shape[3]] });
    };
    return {
      op: 'MultiHeadAttention',
      domain: 'com.microsoft',
      opset: 1,
      attributes: { num_heads: heads, ...(isCausal && { unidirectional: 1 }) },
      inputs: {
        Q: joined(query),
        K: joined(key),
        V: joined(value),
        ...(bias && { attention_bias: float32({ ...bias, shape: [1, 1, ...bias.shape] }) }),
      },
      slots: ['Q', 'K', 'V', 'bias', 'key_padding_mask', 'attention_bias'],
      constants: ['K', 'V'],
      outputOf: ({ data, shape: [batch, rows, width] }) =>
        swappedData({ data, shape: [batch, rows, heads, width / heads] }),
    };
  },
};

/** The node as plain data, from which onnx-graph.mjs makes the bytes of the model. */
function describe({ op, domain, opset, attributes, inputs, slots }, isConstant) {
  const constants = Object.entries(inputs)
    .filter(([name]) => isConstant(name))
    .map(([name, { shape, data }]) => ({ name, shape, bytes: data.byteLength }));
  return {
    ...{ op, domain, opset, attributes, constants },
    inputs: slots.map((name) => [name, inputs[name]?.dtype]),
    outputs: [['Y', 'float32']],
  };
}

function float32({ data, shape }) {
  return { dtype: 'float32', data, shape };
}

function bytesOf({ buffer, byteOffset, byteLength }) {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
