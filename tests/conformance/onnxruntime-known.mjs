// Known differences of onnxruntime-web from ONNX. Each entry has a node that shows it, so that the entry must go
// when a later version conforms. The double-precision reference computes the nodes that an entry is about.

import { nodeOf } from './random-node.mjs';

const SMALL = {
  ...{ seed: 1, rank: 4, batch: 2, keyHeads: 2, group: 1 },
  ...{ queries: 3, keys: 5, past: 0, depth: 4, valueDepth: 6 },
};
const MASK = { dtype: 'bool', rank: 4, ones: [false, false, false], short: 0 };
const withMask = (mask) => nodeOf({ ...SMALL, options: { attn_mask: { ...MASK, ...mask } } });

const queriesOf = ({ inputs: { Q } }) => Q.shape.at(Q.shape.length === 3 ? 1 : 2);
const keysOf = ({ inputs: { K, past_key } }) =>
  K.shape.at(K.shape.length === 3 ? 1 : 2) + (past_key?.shape[2] ?? 0);
const maskShape = ({ inputs }) => inputs.attn_mask?.shape;

export const KNOWN = [
  {
    what: 'refuses a mask of rank 1',
    isRefused: true,
    isAbout: (node) => maskShape(node)?.length === 1,
    example: withMask({ rank: 1 }),
  },
  {
    what: 'refuses a mask with one row for all queries',
    isRefused: true,
    isAbout: (node) => maskShape(node)?.at(-2) === 1 && queriesOf(node) > 1,
    example: withMask({ ones: [false, false, true] }),
  },
  {
    what: 'refuses a mask that is shorter than the keys',
    isRefused: true,
    isAbout: (node) => maskShape(node) && maskShape(node).at(-1) !== keysOf(node),
    example: withMask({ short: 2 }),
  },
  {
    what: 'lets a single query after past keys attend keys to come, though causal',
    isAbout: (node) =>
      node.attributes.is_causal === 1 &&
      node.inputs.past_key !== undefined &&
      queriesOf(node) === 1 &&
      keysOf(node) > node.inputs.past_key.shape[2] + 1,
    example: nodeOf({ ...SMALL, queries: 1, past: 4, options: { is_causal: 1 } }),
  },
  {
    what: 'gives masked scores the lowest finite number instead of −Infinity',
    isAbout: (node) => node.attributes.qk_matmul_output_mode === 2,
    example: nodeOf({ ...SMALL, options: { is_causal: 1, qk_matmul_output_mode: 2 } }),
    // Only this output differs, so the others are still compared.
    mend: ({ qk_matmul_output, ...outputs }) => ({
      ...outputs,
      qk_matmul_output: {
        shape: qk_matmul_output.shape,
        data: qk_matmul_output.data.map((x) => (x <= -3.4e38 ? -Infinity : x)),
      },
    }),
  },
];
