// The property of the fuzz tests: each engine computes each random problem within the bound.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { problemOf } from '../random/problem.mjs';
import { recipe } from '../random/recipe.mjs';
import { boundOf, excessOf } from '../reference/bound.mjs';
import { compute } from './parts.mjs';

/** Fails with the smallest recipe for which one of the engines exceeds the bound. */
export function assertWithinBound(engines, how) {
  const failure = firstExcess(engines, how);
  if (!failure) return;
  const replay = `node tests/fuzz/replay.mjs '${JSON.stringify(failure.recipe)}'`;
  assert.fail(
    `${failure.message}\nQKV_SEED=${how.seed}, run ${failure.runs}; shrunk to\n${replay}`,
  );
}

/**
 * The first recipe for which one of the engines exceeds the bound; shrunk, unless `endOnFailure`.
 * `observe(bound, actual, engine)` is called with each result within the bound.
 */
export function firstExcess(engines, how) {
  const { numRuns, seed, endOnFailure = false, observe, recipes = recipe, mostProducts } = how;
  const property = fc.property(recipes, (chosen) => {
    const excess = excessOfRecipe(engines, chosen, observe, mostProducts);
    if (excess) throw new Error(excess);
  });
  const details = fc.check(property, { numRuns, seed, endOnFailure });
  if (!details.failed) return undefined;
  const [chosen] = details.counterexample;
  return { recipe: chosen, message: details.errorInstance.message, runs: details.numRuns };
}

/** The first excess over the bound in the results of a recipe's problem, in words. */
export function excessOfRecipe(engines, chosen, observe, mostProducts) {
  const problem = problemOf(chosen, mostProducts);
  const bound = boundOf(problem);
  for (const engine of engines) {
    try {
      const actual = compute(engine, problem);
      const excess = excessOf(bound, actual);
      if (excess) return `${engine.name}: ${excess}`;
      observe?.(bound, actual, engine);
    } catch (error) {
      return `${engine.name}: ${error}`;
    }
  }
  return undefined;
}
