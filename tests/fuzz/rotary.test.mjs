// Random rotary embeddings against the reference: any rank and layout, tables or a base, positions of every
// kind, pairs side by side or half a vector apart.

import { test } from 'node:test';
import fc from 'fast-check';
import { swapHeadsAndRows } from '../conformance/rows.mjs';
import { assertTensorClose } from '../package/closeness.mjs';
import { forEachVariant } from '../package/variants.mjs';
import { random, tensor } from '../random/numbers.mjs';
import { runs } from '../random/runs.mjs';
import { rotaryReference } from '../reference/rotary.mjs';

// Components are at most 6 or so, and are sums of two products.
const ROUNDING = { absolute: 2e-6, relative: 0 };
const TABLE_ROWS = 64;
/** Without tables positions go as far as in models: 63 times 4001. */
const FAR = 4001;

const count = fc.constantFrom(1, 2, 3);
const position = fc.nat(TABLE_ROWS - 1);
const recipe = fc.record({
  seed: fc.nat(),
  rank: fc.constantFrom(2, 3, 4),
  layout: fc.constantFrom('bhld', 'blhd'),
  batch: count,
  heads: count,
  rows: fc.constantFrom(1, 2, 3, 4, 5, 8, 17),
  pairs: fc.constantFrom(1, 2, 3, 4, 5, 8, 16, 32),
  beyond: fc.constantFrom(0, 0, 1, 2, 7),
  interleaved: fc.boolean(),
  angles: fc.constantFrom('default', 100, 500_000, 'tables'),
  positions: fc.oneof(
    fc.constant('default'),
    fc.nat(TABLE_ROWS - 17),
    fc.array(position, { minLength: 17, maxLength: 17 }),
    fc.constant('each batch'),
  ),
});

forEachVariant('rotary embedding', (engine) => {
  test('agrees with the reference', () => {
    const property = fc.property(recipe, (chosen) => {
      const { x, options } = problemOf(chosen);
      const actual = engine.attention.rotaryEmbedding(x, options);
      assertTensorClose(actual, rotaryReference(x, options), ROUNDING, 'x');
    });
    fc.assert(property, runs(300));
  });
});

function problemOf(chosen) {
  const { rank, rows, pairs, beyond, angles, layout, interleaved } = chosen;
  const next = random(chosen.seed);
  const batch = rank < 4 ? 1 : chosen.batch;
  const heads = rank < 3 ? 1 : chosen.heads;
  const depth = 2 * pairs + beyond;
  const ranked = tensor(next, [batch, heads, rows, depth].slice(4 - rank));
  const x = layout === 'blhd' ? swapHeadsAndRows(ranked) : ranked;
  const tables = angles === 'tables' && {
    cos: tensor(next, [TABLE_ROWS, pairs]),
    sin: tensor(next, [TABLE_ROWS, pairs]),
  };
  const positions = positionsOf(chosen, batch, next, tables ? 1 : FAR);
  const options = {
    ...{ layout, interleaved },
    ...(beyond > 0 && { rotaryDim: 2 * pairs }),
    ...(tables || (angles !== 'default' && { base: angles })),
    ...(positions !== undefined && { positions }),
  };
  return { x, options };
}

/** Positions of each kind that rotaryEmbedding() takes; `times` as far as the tables of this test. */
function positionsOf({ positions, rows }, batch, next, times) {
  if (positions === 'default') return undefined;
  if (typeof positions === 'number') return positions * times;
  if (Array.isArray(positions)) return positions.slice(0, rows).map((at) => at * times);
  const own = () => Array.from({ length: rows }, () => (next() % TABLE_ROWS) * times);
  return Array.from({ length: batch }, own);
}
