// The engines that compute a problem: the package, or the reference with a rule replaced. Tests use both in
// the same way, so a test that notices a replaced rule would notice it in the package.

import { swapHeadsAndRows } from '../conformance/rows.mjs';
import { inputsAsGiven, shapedAs } from '../random/problem.mjs';
import { attendReference, mergeReference } from '../reference/attention.mjs';
import { cutsOf, sliceKeys } from './parts.mjs';

/** The package, with tensors in the problem's rank and layout, given in the problem's way. */
export function packageEngine(attention) {
  return {
    name: attention.info.variant,
    attend(problem) {
      const { given, capture, layout } = problem;
      const shaped = inputsAsGiven(problem);
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
      // Keys that are appended and truncated leave no trace.
      append([0, Math.min(way.truncated, keys)]);
      cache.truncate(cuts[part]);
    }
    return outputOf(problem, attention.attend(query, cache, options));
  } finally {
    cache.dispose();
  }
}

/** The reference, with `rules` in place of its own; naive float32 unless said otherwise. */
export function referenceEngine(rules, numbers = Float32Array) {
  const how = { rules, numbers };
  return {
    name: 'reference',
    attend: ({ query, key, value, options }) => attendReference(query, key, value, options, how),
    merge: (_, parts) => mergeReference(parts, how),
  };
}

/** The result with its output as [B, H, L, Dv]. */
function outputOf({ rank, layout, query, value }, result) {
  const { output } = result;
  const { data } = layout === 'blhd' && rank > 2 ? swapHeadsAndRows(output) : output;
  return { ...result, output: { data, shape: [...query.shape.slice(0, 3), value.shape[3]] } };
}
