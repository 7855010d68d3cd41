// A random problem as a recipe: a flat object of small numbers, which fast-check shrinks and a failure
// prints. problem.mjs makes the problem of a recipe, always the same one.

import fc from 'fast-check';

// Sizes on each boundary of the kernels, one less and one more. A vector has 4 lanes. A register tile has 2, 3
// or 4 vectors and 4, 8, 12 or 24 rows. A block has 48 rows and 120 keys, or 480 keys where rows are few.
// Values more than 96 elements apart have a code path of their own.
const SMALL = fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17);
export const size = (...edges) => fc.oneof(SMALL, fc.constantFrom(...edges));
export const count = fc.constantFrom(1, 2, 3);

/** A point of a range that another number gives: 0 is its start, 16 its end. */
const sixteenths = fc.nat(16);
const perBatch = (value) => fc.tuple(value, value, value);
/** Rank 1 to 4, and which of [B, H, L, S] are 1 in it. */
const broadcast = {
  rank: fc.constantFrom(1, 2, 3, 4),
  ones: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
  // So many neighbouring keys are excluded together, so that the kernels can skip whole blocks.
  run: fc.constantFrom(1, 1, 32, 64, 128),
};
const array = fc.constantFrom('Array', 'Float32Array');
const bound = fc.constantFrom(0, 1, 2, 3, 7, 8, 47, 48, 119, 120, 1000);
/** Where query 0 stands: `by` keys after key 0, or after the place where the last query meets the last key. */
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
  // In 480ths of the keys: any length of 480 keys, so each boundary of their blocks.
  keyLengths: perBatch(fc.nat(480)),
};

export const OPTION_NAMES = Object.keys(OPTIONS);

/** Each option in two of five problems: most problems have some, few have all. */
const someOptions = fc
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

/** How the engine gets keys and values. */
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

const PLAIN = {
  queryTimes: fc.constant(1),
  poison: fc.constant('none'),
  stray: fc.constant('none'),
  capture: fc.constantFrom([], CAPTURES),
  way: fc.constant({ by: 'inputs' }),
};

const everything = {
  seed: fc.nat(),
  rank: fc.constantFrom(4, 4, 3, 2),
  layout: fc.constantFrom(undefined, 'bhld', 'blhd'),
  batch: count,
  keyHeads: count,
  group: count,
  queries: size(23, 24, 25, 29, 35, 36, 37, 47, 48, 49, 97),
  keys: size(23, 24, 25, 119, 120, 121, 257, 479, 480, 481),
  depth: size(31, 32, 33, 64),
  valueDepth: size(23, 24, 25, 31, 32, 33, 64, 97, 128),
  queryTimes: fc.constantFrom(1, 1, 1, 1, 40),
  poison: fc.constantFrom('none', 'none', 'NaN', 'Infinity', '-Infinity', '1e38'),
  stray: fc.oneof(
    { weight: 9, arbitrary: fc.constant('none') },
    fc.constantFrom('NaN in key', 'NaN in value', '-Infinity in key'),
  ),
  capture: fc.oneof(fc.constant([]), fc.constant(CAPTURES), fc.subarray(CAPTURES)),
  options: someOptions,
  way,
};

/** Any problem. */
export const recipe = fc.record(everything);

/** Unit-normal inputs of any shape, with exactly these options. */
export function plainRecipe(...names) {
  const options = Object.fromEntries(names.map((name) => [name, OPTIONS[name]]));
  return fc.record({ ...everything, ...PLAIN, options: fc.record(options) });
}
