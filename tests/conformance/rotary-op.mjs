// ONNX's RotaryEmbedding (opset 23) by the public API.

import { isCount, isFlag, readNode, separateHeads } from './op-node.mjs';

const KNOWN = {
  attributes: {
    interleaved: isFlag,
    num_heads: (value) => value === 0 || isCount(value),
    rotary_embedding_dim: (value) => value === 0 || isCount(value),
  },
  inputs: ['X', 'cos_cache', 'sin_cache', 'position_ids'],
};

export const ROTARY_WAYS = {
  inputs: (attention, node) => {
    const { attributes, inputs } = readNode(node, KNOWN);
    const { X, cos_cache, sin_cache, position_ids } = inputs;
    // 0 means "not given" in the op.
    const x = separateHeads(X, attributes.num_heads || undefined, 'X');
    const { data } = attention.rotaryEmbedding(x, {
      cos: cos_cache,
      sin: sin_cache,
      layout: X.shape.length === 3 ? 'blhd' : 'bhld',
      interleaved: attributes.interleaved === 1,
      ...(attributes.rotary_embedding_dim && { rotaryDim: attributes.rotary_embedding_dim }),
      ...(position_ids && { positions: rowsOf(position_ids) }),
    });
    return { Y: { data, shape: X.shape } };
  },
};

function rowsOf({ data, shape: [batch, rows] }) {
  return Array.from({ length: batch }, (_, b) => data.slice(b * rows, (b + 1) * rows));
}
