// Plain JavaScript, as one writes it without a library: loops over numbers, one row of scores at a time.

export async function openPlain() {
  const prepare = ({ options }, inputs) => {
    if (options.some((name) => name !== 'causal')) return undefined;
    const isCausal = options.includes('causal');
    return { run: () => attend(inputs, isCausal), outputOf: (data) => data };
  };
  return { prepare };
}

function attend({ query, key, value }, isCausal) {
  const [, heads, rows, depth] = query.shape;
  const [, keyHeads, keys] = key.shape;
  const output = new Float32Array(query.data.length);
  const scores = new Float32Array(keys);
  for (let h = 0; h < heads; h++) {
    const head = Math.floor((h * keyHeads) / heads) * keys * depth;
    for (let i = 0; i < rows; i++) {
      const row = (h * rows + i) * depth;
      const count = isCausal ? Math.min(i + 1, keys) : keys;
      attendRow(query.data, key.data, value.data, { row, head, count, depth }, scores, output);
    }
  }
  return output;
}

function attendRow(query, key, value, { row, head, count, depth }, scores, output) {
  const scale = 1 / Math.sqrt(depth);
  let max = -Infinity;
  for (let j = 0; j < count; j++) {
    let score = 0;
    for (let d = 0; d < depth; d++) score += query[row + d] * key[head + j * depth + d];
    scores[j] = score * scale;
    max = Math.max(max, scores[j]);
  }
  let sum = 0;
  for (let j = 0; j < count; j++) {
    scores[j] = Math.exp(scores[j] - max);
    sum += scores[j];
  }
  for (let j = 0; j < count; j++) {
    const weight = scores[j] / sum;
    for (let d = 0; d < depth; d++) output[row + d] += weight * value[head + j * depth + d];
  }
}
