// A random problem as a recipe: a flat object of small numbers that fast-check shrinks and that can be
// printed, read and given back. problem.mjs makes the problem.

import fc from 'fast-check';

// Lanes are 4; register tiles of 2, 3 or 4 elements and 4, 8, 12 or 24 rows; blocks of rows 48, of keys 120,
// of few rows 480; values more than 96 elements apart are far. Each, one less, one more.
const SMALL = fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17);
const size = (...edges) => fc.oneof(SMALL, fc.constantFrom(...edges));
const count = fc.constantFrom(1, 2, 3);

/** Part of a range that another number gives: 0 is its start, 16 its end. */
const sixteenths = fc.nat(16);
const perBatch = (value) => fc.tuple(value, value, value);
/** Rank 1 to 4, and which of [B, H, L, S] are 1 in it. */
const broadcast = {
  rank: fc.constantFrom(1, 2, 3, 4),
  ones: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
  // Keys that are kept or left out together: whole blocks of them may be skipped.
  run: fc.constantFrom(1, 1, 32, 64, 128),
};
const array = fc.constantFrom('Array', 'Float32Array');
const bound = fc.constantFrom(0, 1, 2, 3, 7, 8, 47, 48, 119, 120, 1000);
/** Where query 0 is: so many keys from the first, or from where the last query meets the last key. */
const offset = fc.record({
  from: fc.constantFrom('start', 'end'),
  by: fc.integer({ min: -9, max: 9 }),
});

const OPTIONS = {
  scale: fc.integer({ min: -32, max: 32 }).map((n) => n / 16),
  isCausal: fc.boolean(),
  queryOffset: fc.oneof(fc.constant('end'), offset, perBatch(offset)),
  window: fc.record({ left: bound, right: bound }, { requiredKeys: [] }),
  mask: fc.record({ ...broadcast, keptOfFour: fc.nat(4) }),
  bias: fc.record({ ...broadcast, excludedOfFour: fc.nat(3), times: fc.constantFrom(1, 8) }),
  alibiSlopes: array,
  softcap: fc.constantFrom(0, 0.5, 2, 30),
  sinks: array,
  keyLengths: perBatch(sixteenths),
};

/** Each option in two of five problems, so that most have some and few have all. */
const options = fc
  .record(
    Object.fromEntries(
      Object.entries(OPTIONS).map(([name, arbitrary]) => [
        name,
        fc.oneof(
          { withCrossShrink: true },
          { weight: 3, arbitrary: fc.constant(undefined) },
          { weight: 2, arbitrary },
        ),
      ]),
    ),
  )
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, given]) => given !== undefined)));

/** How keys and values come to the engine. */
const way = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ by: 'inputs' }) },
  fc.constant({ by: 'resident' }),
  {
    weight: 2,
    arbitrary: fc.record({
      by: fc.constant('cache'),
      cuts: fc.array(sixteenths, { maxLength: 3 }),
      truncated: fc.nat(3),
    }),
  },
  fc.record({ by: fc.constant('chunks'), cuts: fc.array(sixteenths, { maxLength: 3 }) }),
  fc.record({ by: fc.constant('subsets'), parts: fc.integer({ min: 1, max: 4 }) }),
);

export const CAPTURES = ['scoresRaw', 'scoresCapped', 'scoresMasked', 'weights', 'logSumExp'];

export const recipe = fc.record({
  seed: fc.nat(),
  rank: fc.constantFrom(4, 4, 3, 2),
  layout: fc.constantFrom(undefined, 'bhld', 'blhd'),
  batch: count,
  keyHeads: count,
  group: count,
  queries: size(47, 48, 49, 97),
  keys: size(119, 120, 121, 257, 479, 480, 481),
  depth: size(31, 32, 33, 64),
  valueDepth: size(31, 32, 33, 64, 97, 128),
  queryTimes: fc.constantFrom(1, 1, 1, 1, 40),
  poison: fc.constantFrom('none', 'none', 'NaN', 'Infinity', '-Infinity', '1e38'),
  hasStray: fc.nat(9).map((n) => n === 9),
  capture: fc.oneof(fc.constant([]), fc.constant(CAPTURES), fc.subarray(CAPTURES)),
  options,
  way,
});
