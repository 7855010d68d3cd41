// The built package: each variant, and the pool of workers.

/**
 * Plain tensors in and out, or a KVCache if the problem's keys are resident. A result is a new array; with
 * `out` every call writes to the same one.
 */
export function qkv(variant, { out = false } = {}) {
  return async function open() {
    const { createAttention } = await import('qkv');
    const attention = await createAttention({ variant });
    const prepare = (problem, inputs) =>
      problem.resident
        ? decoding(attention, problem, inputs)
        : attending(attention, problem, inputs, out);
    return { prepare };
  };
}

export function pool(workers) {
  return async function open() {
    const { createAttentionPool } = await import('qkv/pool');
    const attention = await createAttentionPool({ workers });
    return { prepare: (problem, inputs) => attending(attention, problem, inputs) };
  };
}

function attending(attention, problem, inputs, hasOut = false) {
  const { query, key, value, ...usual } = asUsual(problem, inputs);
  const { heads, queries, depth } = problem;
  const out = hasOut ? { out: new Float32Array(heads * queries * depth) } : {};
  const options = { ...usual.options, ...out };
  return { run: () => attention.attend(query, key, value, options), outputOf };
}

function decoding(attention, problem, inputs) {
  const { query, key, value, options } = asUsual(problem, inputs);
  const { keyHeads: heads, depth, keys: capacity } = problem;
  const cache = attention.createKVCache({ batch: 1, heads, depth, capacity });
  cache.append(key, value);
  return {
    run: () => attention.attend(query, cache, options),
    outputOf,
    dispose: () => cache.dispose(),
  };
}

function outputOf({ output }) {
  return output.data;
}

/** Passes a problem of one head as matrices, as users do. */
function asUsual({ heads }, { query, key, value, options }) {
  const matrix = ({ data, shape }) => ({ data, shape: heads === 1 ? shape.slice(2) : shape });
  return { query: matrix(query), key: matrix(key), value: matrix(value), options };
}
