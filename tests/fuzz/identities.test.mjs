// Two problems that mean the same have the same result. The reference only says how far they may be apart.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { forEachVariant } from '../package/variants.mjs';
import { problemOf } from '../random/problem.mjs';
import { recipe } from '../random/recipe.mjs';
import { runs } from '../random/runs.mjs';
import { boundOf } from '../reference/bound.mjs';
import { packageEngine } from './engines.mjs';
import { IDENTITIES } from './identities.mjs';
import { compute } from './parts.mjs';

forEachVariant('identities', (engine) => {
  for (const [name, makeBoth] of Object.entries(IDENTITIES)) {
    test(name, () => {
      const property = fc.property(recipe, (chosen) => {
        const way = { by: 'inputs' };
        const plain = { ...chosen, poison: 'none', capture: ['logSumExp'], way };
        assertSame(packageEngine(engine.attention), ...makeBoth(problemOf(plain)));
      });
      fc.assert(property, runs(40));
    });
  }
});

/** Each result may be as far off as its bound allows. */
function assertSame(engine, problem, other) {
  const [one, two] = [problem, other].map((p) => compute(engine, p));
  const [{ allowed }, theirs] = [problem, other].map(boundOf);
  for (const name of ['output', 'logSumExp'])
    one[name].data.forEach((x, i) => {
      const y = two[name].data[i];
      if (x === y || (Number.isNaN(x) && Number.isNaN(y))) return;
      const apart = allowed(name, i) + theirs.allowed(name, i);
      assert.ok(Math.abs(x - y) <= apart, `${name}[${i}]: ${x} and ${y}, ± ${apart}`);
    });
}
