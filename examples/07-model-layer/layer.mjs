/**
 * Causal multi-head attention as in language models: y = attend(rotate(x·Wq), rotate(x·Wk), x·Wv)·Wo.
 * `weights` are { query, key, value, output }, row-major [inputs, outputs]. Key and value have columns for
 * `keyHeads` heads; a group of query heads shares each of them.
 */
export class MultiHeadAttention {
  #attention;
  #weights;
  #cache;

  constructor(attention, { heads, keyHeads = heads, depth, weights }) {
    this.heads = heads;
    this.keyHeads = keyHeads;
    this.depth = depth;
    this.width = weights.output.length / (heads * depth);
    this.#attention = attention;
    this.#weights = weights;
    this.#cache = attention.createKVCache({ heads: keyHeads, depth });
  }

  /** Rows read so far. */
  get length() {
    return this.#cache.length;
  }

  /** Reads the next rows of the text, x [L, width]; returns as many. */
  forward(x) {
    const { heads, keyHeads, depth } = this;
    const positions = this.length;
    const { query, key, value, output } = this.#weights;
    const rotated = (tensor) => this.#attention.rotaryEmbedding(tensor, { positions });
    this.#cache.append(
      rotated(byHeads(times(x, key), keyHeads, depth)),
      byHeads(times(x, value), keyHeads, depth),
    );
    const queries = rotated(byHeads(times(x, query), heads, depth));
    const attended = this.#attention.attend(queries, this.#cache, { isCausal: true }).output;
    return times(joined(attended), output);
  }

  /** Removes the rows from `length` on, to try another continuation. */
  rewind(length) {
    this.#cache.truncate(length);
  }

  dispose() {
    this.#cache.dispose();
  }
}

/** x·W for x [L, inputs] and W [inputs, outputs], as [L, outputs]. */
function times({ data, shape: [length, inputs] }, weights) {
  const outputs = weights.length / inputs;
  const product = new Float32Array(length * outputs);
  for (let i = 0; i < length; i++)
    for (let k = 0; k < inputs; k++)
      for (let j = 0; j < outputs; j++)
        product[i * outputs + j] += data[i * inputs + k] * weights[k * outputs + j];
  return { data: product, shape: [length, outputs] };
}

/** [L, H·D] → [H, L, D] */
function byHeads({ data, shape: [length] }, heads, depth) {
  const split = new Float32Array(data.length);
  for (let h = 0; h < heads; h++)
    for (let i = 0; i < length; i++) {
      const from = (i * heads + h) * depth;
      split.set(data.subarray(from, from + depth), (h * length + i) * depth);
    }
  return { data: split, shape: [heads, length, depth] };
}

/** [H, L, D] → [L, H·D] */
function joined({ data, shape: [heads, length, depth] }) {
  const rows = new Float32Array(data.length);
  for (let h = 0; h < heads; h++)
    for (let i = 0; i < length; i++) {
      const from = (h * length + i) * depth;
      rows.set(data.subarray(from, from + depth), (i * heads + h) * depth);
    }
  return { data: rows, shape: [length, heads * depth] };
}
