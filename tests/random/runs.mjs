/**
 * How often fast-check runs a property, and from which seed. QKV_RUNS=5000 runs it more often, QKV_SEED=7
 * starts elsewhere; a failure prints the seed.
 */
export function runs(count) {
  return {
    numRuns: Number(process.env.QKV_RUNS ?? count),
    seed: Number(process.env.QKV_SEED ?? 1706_03762),
  };
}
