// Every option against the reference: alone, and any together.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertClose, assertSameBits, assertTensorClose, WITH_OPTIONS } from './closeness.mjs';
import { elements, geometry, inputsOf, normals, random, runs } from './random-problem.mjs';
import { attendReference } from './reference.mjs';
import { forEachVariant } from './variants.mjs';

const CAPTURED = ['scoresRaw', 'scoresCapped', 'scoresMasked', 'weights', 'logSumExp'];

const SMALL = {
  ...{ seed: 5, rank: 4, batch: 2, keyHeads: 2, group: 2 },
  ...{ queries: 3, keys: 7, depth: 5, valueDepth: 6 },
};

/** A shape of rank 1 to 4 that broadcasts to [B, H, L, S]. */
const broadcastShape = (full) =>
  fc
    .record({
      rank: fc.integer({ min: 1, max: 4 }),
      one: fc.tuple(...full.map(() => fc.boolean())),
    })
    .map(({ rank, one }) => full.map((size, axis) => (one[axis] ? 1 : size)).slice(4 - rank));

const maskOf = (full) =>
  fc
    .record({ shape: broadcastShape(full), seed: fc.nat(), kept: fc.integer({ min: 0, max: 4 }) })
    .map(({ shape, seed, kept }) => {
      const next = random(seed);
      // Anything but 0 attends.
      const byte = () => (next() % 4 < kept ? 1 + (next() % 255) : 0);
      return { data: Uint8Array.from({ length: elements(shape) }, byte), shape };
    });

const biasOf = (full) =>
  fc.record({ shape: broadcastShape(full), seed: fc.nat() }).map(({ shape, seed }) => {
    const next = random(seed);
    const data = normals(next, elements(shape)).map((x) => (next() % 5 === 0 ? -Infinity : x));
    return { data, shape };
  });

/** Arbitraries of each option for a geometry; 1/16 steps are exact in float32. */
function optionsOf({ batch, keyHeads, group, queries, keys }) {
  const heads = keyHeads * group;
  const full = [batch, heads, queries, keys];
  const perHead = fc.array(
    fc.integer({ min: -40, max: 40 }).map((n) => n / 16),
    { minLength: heads, maxLength: heads },
  );
  const offset = fc.integer({ min: -queries - 2, max: keys + 2 });
  const perBatch = (value) => fc.array(value, { minLength: batch, maxLength: batch });
  const bound = fc.option(fc.integer({ min: 0, max: keys + 2 }), { nil: undefined });
  return {
    scale: fc.integer({ min: -32, max: 32 }).map((n) => n / 16),
    isCausal: fc.boolean(),
    queryOffset: fc.oneof(offset, perBatch(offset), fc.constant('end')),
    window: fc.record({ left: bound, right: bound }),
    mask: maskOf(full),
    bias: biasOf(full),
    alibiSlopes: fc.oneof(
      perHead,
      perHead.map((each) => Float32Array.from(each)),
    ),
    softcap: fc.constantFrom(0, 0.5, 2, 30),
    sinks: fc.oneof(
      perHead,
      perHead.map((each) => Float32Array.from(each)),
    ),
    keyLengths: perBatch(fc.integer({ min: 0, max: keys })),
  };
}

/**
 * What float32 leaves open of weights, and of values near 1: a weight w of a score s is off by some halves of
 * w·s's last place, which is at most that of the log-sum-exp, and by as much of what s was added up from.
 */
function roundingOf({ logSumExp, scoresRaw }) {
  let largest = 0;
  for (const { data } of [logSumExp, scoresRaw])
    for (const x of data) if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
  return 4 * 2 ** -24 * largest;
}

function check(attention, g, options) {
  const { query, key, value } = inputsOf(g);
  const actual = attention.attend(query, key, value, { ...options, capture: CAPTURED });
  const expected = attendReference(query, key, value, options);
  const { absolute, relative } = WITH_OPTIONS;
  const weights = { relative, absolute: Math.max(absolute, roundingOf(expected)) };
  for (const name of ['output', ...CAPTURED]) {
    const isWeighted = name === 'output' || name === 'weights';
    assertTensorClose(actual[name], expected[name], isWeighted ? weights : WITH_OPTIONS, name);
  }
}

forEachVariant('options', (engine) => {
  for (const name of Object.keys(optionsOf(SMALL))) {
    test(`${name} alone`, () => {
      const problem = geometry.chain((g) => fc.tuple(fc.constant(g), optionsOf(g)[name]));
      fc.assert(
        fc.property(problem, ([g, value]) => check(engine.attention, g, { [name]: value })),
        runs(25),
      );
    });
  }

  test('any together', () => {
    const problem = geometry.chain((g) =>
      fc.tuple(fc.constant(g), fc.record(optionsOf(g), { requiredKeys: [] })),
    );
    fc.assert(
      fc.property(problem, ([g, options]) => check(engine.attention, g, options)),
      runs(100),
    );
  });

  test('an option that is undefined is one that was not given', () => {
    const { query, key, value } = inputsOf(SMALL);
    const names = Object.keys(optionsOf(SMALL));
    const options = Object.fromEntries(
      [...names, 'layout', 'capture', 'out'].map((name) => [name, undefined]),
    );
    const actual = engine.attention.attend(query, key, value, options);
    assertSameBits(actual.output.data, engine.attention.attend(query, key, value).output.data);
  });

  test("queryOffset: 0 by default, 'end' is S − L, and keyLengths[b] − L", () => {
    const { query, key, value } = inputsOf(SMALL);
    const attend = (options) =>
      engine.attention.attend(query, key, value, { isCausal: true, ...options }).output.data;
    const { queries: L, keys: S } = SMALL;
    assertSameBits(attend({}), attend({ queryOffset: 0 }));
    assertSameBits(attend({ queryOffset: 'end' }), attend({ queryOffset: S - L }));
    const keyLengths = [S, 2];
    assertSameBits(
      attend({ keyLengths, queryOffset: 'end' }),
      attend({ keyLengths, queryOffset: [S - L, 2 - L] }),
    );
  });

  test('a bound of Infinity is none', () => {
    const { query, key, value } = inputsOf(SMALL);
    const attend = (window) => engine.attention.attend(query, key, value, { window }).output.data;
    assertSameBits(attend({ left: Infinity, right: 1 }), attend({ right: 1 }));
    assertSameBits(attend({ left: Infinity, right: Infinity }), attend({}));
  });

  test('booleans, nested booleans and bytes are the same mask; nested numbers the same bias', () => {
    const { query, key, value } = inputsOf(SMALL);
    const attend = (options) => engine.attention.attend(query, key, value, options).output.data;
    const row = [true, false, true, true, false, true, true];
    const bytes = Uint8Array.from(row, (kept) => (kept ? 200 : 0));
    const expected = attend({ mask: { data: bytes, shape: [7] } });
    assertSameBits(attend({ mask: row }), expected);
    assertSameBits(attend({ mask: [row] }), expected);
    const bias = row.map((kept) => (kept ? 0.5 : -Infinity));
    assertSameBits(
      attend({ bias: [[bias]] }),
      attend({ bias: { data: Float32Array.from(bias), shape: [7] } }),
    );
  });

  test('a key left out has no influence, whatever it holds', () => {
    const { query, key, value } = inputsOf(SMALL);
    const mask = [true, true, false, true, true, true, true];
    const expected = engine.attention.attend(query, key, value, { mask, capture: CAPTURED });
    for (const poison of [Number.NaN, Infinity, -Infinity, 1e38]) {
      const poisoned = [key, value].map(({ data, shape }) => {
        const [rows, columns] = shape.slice(-2);
        return {
          data: data.map((x, i) => (Math.floor(i / columns) % rows === 2 ? poison : x)),
          shape,
        };
      });
      const actual = engine.attention.attend(query, ...poisoned, { mask, capture: CAPTURED });
      for (const name of ['output', 'scoresMasked', 'weights', 'logSumExp'])
        assertSameBits(actual[name].data, expected[name].data, `${name} beside ${poison}`);
    }
  });

  test('large scores, denormals, equal scores and −0 are answered as in the reference', () => {
    const value = { data: Float32Array.of(1, 2, 3, 4), shape: [4, 1] };
    const rows = {
      large: [1e38, -1e38, 9e37, 1e38],
      denormal: [1e-45, -1e-45, 1e-40, 0],
      equal: [5, 5, 5, 5],
      zero: [-0, 0, -0, 0],
    };
    for (const [name, data] of Object.entries(rows)) {
      const key = { data: Float32Array.from(data), shape: [4, 1] };
      const query = { data: Float32Array.of(1), shape: [1, 1] };
      const { output } = engine.attention.attend(query, key, value, { scale: 1 });
      const expected = attendReference(query, key, value, { scale: 1 }).output.data;
      assertClose(output.data, expected, WITH_OPTIONS, name);
    }
    // Denormals pass through the values unflushed.
    const tiny = { data: Float32Array.of(1e-40), shape: [1, 1] };
    const one = { data: Float32Array.of(1), shape: [1, 1] };
    assertSameBits(engine.attention.attend(one, one, tiny).output.data, [1e-40]);
  });

  test('trace knows every option', () => {
    const { query, key, value } = inputsOf(SMALL);
    const options = {
      ...{ scale: 0.75, isCausal: true, queryOffset: 'end', window: { left: 3 }, softcap: 2 },
      ...{ alibiSlopes: [0.5, 0.25, 1, 0], sinks: [0, 1, -1, 2], keyLengths: [7, 4] },
      mask: [true, true, true, false, true, true, true],
      bias: [0, 0.5, -Infinity, 1, -1, 0, 0],
    };
    const flat = {
      mask: { data: Uint8Array.from(options.mask, Number), shape: [7] },
      bias: { data: options.bias, shape: [7] },
    };
    const trace = engine.attention.trace(query, key, value, options);
    const reference = attendReference(query, key, value, { ...options, ...flat });
    const expected = { ...reference, scaled: reference.scoresRaw, masked: reference.scoresMasked };
    for (const [name, actual] of Object.entries(trace))
      assertTensorClose(actual, expected[name], WITH_OPTIONS, name);
    assert.equal(Object.keys(trace).length, 9);
  });
});
