// Rotary embedding against the formula in double precision: any rank and layout, tables or a base,
// positions of every kind, pairs side by side or half a vector apart.

import { test } from 'node:test';
import fc from 'fast-check';
import { swapHeadsAndRows } from '../conformance/rows.mjs';
import { assertTensorClose } from '../package/closeness.mjs';
import { forEachVariant } from '../package/variants.mjs';
import { random, tensor } from '../random/numbers.mjs';
import { runs } from '../random/runs.mjs';

// Components are at most 6 or so, and are sums of two products.
const ROUNDING = { absolute: 2e-6, relative: 0 };
const TABLE_ROWS = 64;
/** Without tables positions are as far as models go. */
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
  test('agrees with the formula', () => {
    const property = fc.property(recipe, (chosen) => {
      const { x, options, expected } = problemOf(chosen);
      const isSwapped = chosen.layout === 'blhd' && chosen.rank > 2;
      const [given, wanted] = [x, expected].map((t) => (isSwapped ? swapHeadsAndRows(t) : t));
      const actual = engine.attention.rotaryEmbedding(given, options);
      assertTensorClose(actual, wanted, ROUNDING, 'x');
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
  const x = tensor(next, [batch, heads, rows, depth].slice(4 - rank));
  const tables = angles === 'tables' && {
    cos: tensor(next, [TABLE_ROWS, pairs]),
    sin: tensor(next, [TABLE_ROWS, pairs]),
  };
  const lists = positionsOf(chosen, batch, next, tables ? 1 : FAR);
  const options = {
    ...{ layout, interleaved },
    ...(beyond > 0 && { rotaryDim: 2 * pairs }),
    ...(tables || (angles !== 'default' && { base: angles })),
    ...(lists.given !== undefined && { positions: lists.given }),
  };
  const base = angles === 'default' ? 10_000 : angles;
  const turn = (position, pair) => {
    const angle = position * base ** (-pair / pairs);
    if (!tables) return [Math.cos(angle), Math.sin(angle)];
    const at = position * pairs + pair;
    return [tables.cos.data[at], tables.sin.data[at]];
  };

  const data = Float32Array.from(x.data);
  for (let row = 0; row * depth < data.length; row++) {
    const position = lists.all[Math.floor(row / rows / heads)][row % rows];
    for (let pair = 0; pair < pairs; pair++) {
      const first = row * depth + (interleaved ? 2 * pair : pair);
      const second = first + (interleaved ? 1 : pairs);
      const [cos, sin] = turn(position, pair);
      data[first] = cos * x.data[first] - sin * x.data[second];
      data[second] = sin * x.data[first] + cos * x.data[second];
    }
  }
  return { x, options, expected: { data, shape: x.shape } };
}

/** What is `given` as positions, and `all` of them: a list for each batch element. */
function positionsOf({ positions, rows }, batch, next, times) {
  const counted = (start) => Array.from({ length: rows }, (_, i) => start + i);
  const everywhere = (list) => Array(batch).fill(list);
  if (positions === 'default') return { given: undefined, all: everywhere(counted(0)) };
  if (typeof positions === 'number') {
    const given = positions * times;
    return { given, all: everywhere(counted(given)) };
  }
  if (Array.isArray(positions)) {
    const given = positions.slice(0, rows).map((position) => position * times);
    return { given, all: everywhere(given) };
  }
  const own = () => Array.from({ length: rows }, () => (next() % TABLE_ROWS) * times);
  const given = Array.from({ length: batch }, own);
  return { given, all: given };
}
