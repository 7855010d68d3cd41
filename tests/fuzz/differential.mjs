// The property that the fuzz tests are about: whoever computes a problem is within the bound. Shared by
// the test of the package and the test that mutations of it are noticed.

import fc from 'fast-check';
import { boundOf, excessOf } from './bound.mjs';

import { compute } from './parts.mjs';
import { problemOf } from './problem.mjs';
import { recipe } from './recipe.mjs';

/**
 * The first recipe for which one of the engines exceeds the bound, shrunk unless the first will do.
 * `observe(bound, actual, engine)` is told of each result that does not.
 */
export function firstExcess(engines, { numRuns, seed, endOnFailure = false, observe }) {
  const property = fc.property(recipe, (chosen) => {
    const excess = excessOfRecipe(engines, chosen, observe);
    if (excess) throw new Error(excess);
  });
  const details = fc.check(property, { numRuns, seed, endOnFailure });
  if (!details.failed) return undefined;
  const [chosen] = details.counterexample;
  return { recipe: chosen, message: details.errorInstance.message, runs: details.numRuns };
}

/** What is wrong with the results of a recipe's problem, in words. */
export function excessOfRecipe(engines, chosen, observe) {
  const problem = problemOf(chosen);
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
