// The fast model against the plain reference, in double precision: they were written apart.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertClose } from '../package/closeness.mjs';
import { runs } from '../package/random-problem.mjs';
import { attendReference } from '../package/reference.mjs';
import { modelEngine } from './engines.mjs';
import { DOUBLE } from './model.mjs';
import { compute } from './parts.mjs';
import { problemOf } from './problem.mjs';
import { recipe } from './recipe.mjs';

// The reference keeps every contribution to every output.
const MOST_CONTRIBUTIONS = 100_000;
const SAME = { absolute: 1e-10, relative: 1e-10 };

test('the model is the reference, whole and in parts', () => {
  const engine = modelEngine(undefined, DOUBLE);
  const ways = new Set();
  const property = fc.property(recipe, (chosen) => {
    const { query, key, value, options, way, ...problem } = problemOf(chosen);
    const [, , rows, columns] = value.shape;
    fc.pre((query.data.length / query.shape[3]) * rows * columns <= MOST_CONTRIBUTIONS);
    ways.add(way.by);
    const actual = compute(engine, { query, key, value, options, way, ...problem });
    const expected = attendReference(query, key, value, options);
    for (const [name, { data, shape }] of Object.entries(actual)) {
      assert.deepEqual(shape, expected[name].shape, name);
      assertClose(data, expected[name].data, SAME, name);
    }
  });
  fc.assert(property, runs(300));
  assert.equal(ways.size, 5);
});
