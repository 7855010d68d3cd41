// Runs a recipe that differential.test.mjs printed, in each variant that this Node can run.

import { createAttention } from 'qkv';
import { RUNNABLE } from '../package/variants.mjs';
import { problemOf } from '../random/problem.mjs';
import { excessOfRecipe } from './differential.mjs';
import { packageEngine } from './engines.mjs';

const recipe = JSON.parse(process.argv[2]);
const { query, key, value, given, way, rank, layout, capture } = problemOf(recipe);
console.dir({ query, key, value, options: given, way, rank, layout, capture }, { depth: 4 });
for (const variant of RUNNABLE) {
  const attention = await createAttention({ variant });
  const excess = excessOfRecipe([packageEngine(attention)], recipe);
  console.log(excess ?? `${variant}: within the bound`);
  if (excess) process.exitCode = 1;
  attention.dispose();
}
