// Who computes a problem: the package, or the model of it with a mutation. Both are asked the same way,
// so that a test which notices the mutation would notice it in the package.

import { swapHeadsAndRows } from '../package/random-problem.mjs';
import { attendModel, FLOAT, mergeModel } from './model.mjs';
import { cutsOf, sliceKeys } from './parts.mjs';

/** The package: tensors as the problem's rank and layout have them, and as it says they are given. */
export function packageEngine(attention) {
  return {
    name: attention.info.variant,
    attend(problem) {
      const { query, key, value, given, capture, layout } = problem;
      const shaped = [query, key, value].map((tensor) => shapedAs(problem, tensor));
      const options = { ...given, capture, layout };
      if (problem.way.by === 'cache') return attendCache(attention, shaped[0], problem, options);
      if (problem.way.by !== 'resident')
        return outputOf(problem, attention.attend(...shaped, options));
      const residents = shaped.map(({ shape, data }) => attention.tensor(shape, data));
      try {
        return outputOf(problem, attention.attend(...residents, options));
      } finally {
        for (const resident of residents) resident.dispose();
      }
    },
    merge(problem, parts) {
      const shaped = parts.map(({ output, logSumExp }) => ({
        output: shapedAs(problem, output),
        logSumExp,
      }));
      return outputOf(problem, attention.merge(shaped, { layout: problem.layout }));
    },
  };
}

function attendCache(attention, query, problem, options) {
  const { key, value, way, rank } = problem;
  const [batch, heads, keys, depth] = key.shape;
  const cache = attention.createKVCache({ batch, heads, depth, valueDepth: value.shape[3] });
  const rows = (tensor, from, to) => sliceKeys(tensor, 2, from, to);
  const ranked = ({ data, shape }) => ({ data, shape: shape.slice(4 - rank) });
  try {
    const cuts = cutsOf(way, keys);
    for (let part = 1; part < cuts.length; part++) {
      const append = ([from, to]) =>
        cache.append(ranked(rows(key, from, to)), ranked(rows(value, from, to)));
      append([cuts[part - 1], cuts[part]]);
      // What is forgotten again must leave no trace.
      append([0, Math.min(way.truncated, keys)]);
      cache.truncate(cuts[part]);
    }
    return outputOf(problem, attention.attend(query, cache, options));
  } finally {
    cache.dispose();
  }
}

/** The model, mutated or not; in float32 unless said otherwise. */
export function modelEngine(mutation, { numbers } = FLOAT) {
  const how = { numbers, mutation };
  return {
    name: mutation ?? 'model',
    attend: (problem) => attendModel(problem, how),
    merge: (_, parts) => mergeModel(parts, how),
  };
}

/** A tensor [B, H, L, D] as the rank and layout of a problem have it. */
export function shapedAs({ rank, layout }, { data, shape }) {
  const ranked = { data, shape: shape.slice(4 - rank) };
  return layout === 'blhd' ? swapHeadsAndRows(ranked) : ranked;
}

/** The result with its output as [B, H, L, Dv]; swapping twice is the tensor itself. */
function outputOf({ rank, layout, query, value }, result) {
  const { output } = result;
  const { data } = layout === 'blhd' && rank > 2 ? swapHeadsAndRows(output) : output;
  return { ...result, output: { data, shape: [...query.shape.slice(0, 3), value.shape[3]] } };
}
