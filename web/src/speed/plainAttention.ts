export interface Size {
  readonly heads: number;
  readonly length: number;
  readonly depth: number;
}

/**
 * The formula in plain JavaScript, loop by loop, to compare the engine with. JavaScript computes in double
 * precision, so with an output of doubles this is also the reference for errors.
 */
export function plainAttention(
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  { heads, length, depth }: Size,
  out: Float32Array | Float64Array,
): void {
  const scale = 1 / Math.sqrt(depth);
  const weights = new Float64Array(length);
  const mixed = new Float64Array(depth);
  for (let head = 0; head < heads; head++) {
    const first = head * length * depth;
    for (let query = 0; query < length; query++) {
      const row = first + query * depth;
      scoreRow(q, row, k, first, scale, weights, depth);
      const sum = exponentiate(weights);
      mixed.fill(0);
      for (let key = 0; key < length; key++) {
        const weight = (weights[key] as number) / sum;
        const value = first + key * depth;
        for (let d = 0; d < depth; d++) {
          (mixed[d] as number) += weight * (v[value + d] as number);
        }
      }
      out.set(mixed, row);
    }
  }
}

function scoreRow(
  q: Float32Array,
  row: number,
  k: Float32Array,
  first: number,
  scale: number,
  scores: Float64Array,
  depth: number,
): void {
  for (let key = 0; key < scores.length; key++) {
    const at = first + key * depth;
    let dot = 0;
    for (let d = 0; d < depth; d++) dot += (q[row + d] as number) * (k[at + d] as number);
    scores[key] = dot * scale;
  }
}

/** Replaces scores by exp(score − max) and returns their sum. */
function exponentiate(scores: Float64Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (const score of scores) max = Math.max(max, score);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const exponential = Math.exp((scores[i] as number) - max);
    scores[i] = exponential;
    sum += exponential;
  }
  return sum;
}
