// merge: exact over disjoint sets of keys, any number of parts, empty rows included.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random, tensor } from '../random/numbers.mjs';
import { assertClose, assertSameBits, WITH_OPTIONS } from './closeness.mjs';
import { assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

const KEYS = 211;

/** A mask of the keys [first, end). */
const keysFrom = (first, end) => ({
  data: Uint8Array.from({ length: KEYS }, (_, j) => Number(j >= first && j < end)),
  shape: [KEYS],
});

/** A result of one number. */
const partOf = (output, logSumExp) => ({
  output: { data: Float32Array.of(output), shape: [1, 1] },
  logSumExp: { data: Float32Array.of(logSumExp), shape: [1, 1, 1] },
});

forEachVariant('merge', (engine) => {
  const next = random(5);
  const query = tensor(next, [2, 4, 9, 8]);
  const key = tensor(next, [2, 2, KEYS, 8]);
  const value = tensor(next, [2, 2, KEYS, 5]);

  for (const bounds of [
    [0, KEYS],
    [0, 1, KEYS],
    [0, 60, 60, 190, KEYS],
    Array.from({ length: KEYS + 1 }, (_, j) => j),
  ]) {
    test(`${bounds.length - 1} parts equal the whole`, () => {
      const { attention } = engine;
      // Large scores: parts that are not rescaled would be far off. Offsets: rows that are empty in
      // some parts, and in all.
      const options = { scale: 3, isCausal: true, queryOffset: [180, -4] };
      const capture = ['logSumExp'];
      const whole = attention.attend(query, key, value, { ...options, capture });
      const parts = bounds.slice(1).map((end, i) =>
        attention.attend(query, key, value, {
          ...options,
          capture,
          mask: keysFrom(bounds[i], end),
        }),
      );
      const merged = attention.merge(parts.reverse());
      assert.deepEqual([...merged.output.shape], [2, 4, 9, 5]);
      assert.deepEqual([...merged.logSumExp.shape], [2, 4, 9]);
      assertClose(merged.output.data, whole.output.data, WITH_OPTIONS, 'output');
      assertClose(merged.logSumExp.data, whole.logSumExp.data, WITH_OPTIONS, 'logSumExp');
    });
  }

  test('one of the parts has the sinks', () => {
    const { attention } = engine;
    const capture = ['logSumExp'];
    const sinks = [1, 2, -1, 0];
    const whole = attention.attend(query, key, value, { sinks, capture });
    const merged = attention.merge([
      attention.attend(query, key, value, { mask: keysFrom(0, 100), sinks, capture }),
      attention.attend(query, key, value, { mask: keysFrom(100, KEYS), capture }),
    ]);
    assertClose(merged.output.data, whole.output.data, WITH_OPTIONS, 'output');
    assertClose(merged.logSumExp.data, whole.logSumExp.data, WITH_OPTIONS, 'logSumExp');
  });

  test('layout blhd', () => {
    const { attention } = engine;
    const options = { capture: ['logSumExp'], layout: 'blhd' };
    const inputs = [
      tensor(next, [3, 7, 2, 4]),
      tensor(next, [3, 7, 2, 4]),
      tensor(next, [3, 7, 2, 4]),
    ];
    const part = attention.attend(...inputs, options);
    const merged = attention.merge([part, part], { layout: 'blhd' });
    // The same part twice has the same output and twice the weight.
    assertClose(merged.output.data, part.output.data, WITH_OPTIONS, 'output');
    const twice = part.logSumExp.data.map((x) => x + Math.LN2);
    assertClose(merged.logSumExp.data, twice, WITH_OPTIONS, 'logSumExp');
  });

  test('far apart parts, and parts that are empty in every row', () => {
    const { attention } = engine;
    const merged = attention.merge([partOf(5, 1000), partOf(7, -1000), partOf(0, -Infinity)]);
    assertSameBits(merged.output.data, [5]);
    assertSameBits(merged.logSumExp.data, [1000]);
    const empty = attention.merge([partOf(0, -Infinity), partOf(0, -Infinity)]);
    assertSameBits(empty.output.data, [0]);
    assertSameBits(empty.logSumExp.data, [-Infinity]);
  });

  test('outputs up to the largest float32 do not overflow', () => {
    const { attention } = engine;
    const exact = partOf(1e38, 2);
    assertSameBits(attention.merge([exact, exact, exact, exact]).output.data, [1e38]);
    const largest = 2 ** 128 - 2 ** 104;
    for (let count = 1; count <= 40; count++)
      for (const sign of [1, -1]) {
        const parts = Array.from({ length: count }, () => partOf(sign * largest, next() / 2 ** 30));
        const [x] = attention.merge(parts).output.data;
        assert.ok(
          sign * x <= largest && sign * x >= largest * (1 - 1e-6),
          `${x} of ${count} parts`,
        );
      }
  });

  test('a part of which every attended score is −∞ makes its row NaN', () => {
    const { attention } = engine;
    const query = { data: Float32Array.of(1, -1), shape: [2, 1] };
    const capture = ['logSumExp'];
    const all = attention.attend(query, [[-Infinity], [-Infinity]], [[1], [2]], { capture });
    const other = attention.attend(query, [[1]], [[5]], { capture });
    // Row 0 has scores of −∞ only, and row 1 of +∞: ∞ − ∞ is NaN in both.
    const orders = [[all, other], [other, all]]; // biome-ignore format: both orders
    for (const parts of orders) {
      const merged = attention.merge(parts);
      assert.deepEqual([...merged.output.data], [Number.NaN, Number.NaN]);
      assert.deepEqual([...merged.logSumExp.data], [Number.NaN, Number.NaN]);
    }
  });

  test('a log-sum-exp of NaN makes its row NaN, in any order of parts, and no other row', () => {
    const two = (outputs, logSumExps) => ({
      output: { data: Float32Array.from(outputs), shape: [2, 1] },
      logSumExp: { data: Float32Array.from(logSumExps), shape: [1, 1, 2] },
    });
    const parts = [two([5, 3], [2, 1]), two([Number.NaN, 3], [Number.NaN, 1]), two([7, 3], [9, 1])];
    const [first, ofNaN] = parts;
    const orders = [parts, parts.toReversed(), [ofNaN, first], [first, ofNaN], [ofNaN]];
    for (const order of orders) {
      const merged = engine.attention.merge(order);
      assertClose(merged.output.data, [Number.NaN, 3], WITH_OPTIONS);
      assert.deepEqual([...merged.logSumExp.data].map(Number.isNaN), [true, false]);
    }
  });

  test('NaN in a part far below the others is not hidden by a share of 0', () => {
    const { output } = engine.attention.merge([partOf(5, 1000), partOf(Number.NaN, -1000)]);
    assert.deepEqual([...output.data], [Number.NaN]);
  });

  test('a part that is disposed of while another is read', () => {
    const { attention } = engine;
    const { output, logSumExp } = attention.attend([[1]], [[1]], [[5]], {
      capture: ['logSumExp'],
    });
    const resident = attention.tensor([1, 1], output.data);
    const parts = [
      { output: resident, logSumExp },
      {
        get output() {
          resident.dispose();
          return output;
        },
        logSumExp,
      },
    ];
    assert.throws(() => attention.merge(parts), {
      code: 'ERR_DISPOSED',
      argument: 'parts[0].output',
    });
    assert.equal(attention.attend([[1]], [[1]], [[5]]).output.data[0], 5);
  });

  test('each misuse is refused', () => {
    const { attention } = engine;
    const part = attention.attend([[1, 2]], [[1, 2]], [[3]], { capture: ['logSumExp'] });
    const two = attention.attend(
      [
        [1, 2],
        [3, 4],
      ],
      [[1, 2]],
      [[3]],
      { capture: ['logSumExp'] },
    );
    const { output, logSumExp } = part;
    for (const [parts, options, code, argument] of [
      [undefined, undefined, 'ERR_TYPE', 'parts'],
      [[], undefined, 'ERR_TYPE', 'parts'],
      [[{ output }], undefined, 'ERR_TYPE', 'parts[0].logSumExp'],
      [[part, { logSumExp }], undefined, 'ERR_TYPE', 'parts[1].output'],
      [[part, null], undefined, 'ERR_TYPE', 'parts[1].logSumExp'],
      [[part, two], undefined, 'ERR_SHAPE', 'parts[1].output'],
      [[{ output, logSumExp: two.logSumExp }], undefined, 'ERR_SHAPE', 'parts[0].logSumExp'],
      [[part], { layuot: 'bhld' }, 'ERR_OPTION', 'options.layuot'],
      [[part], { layout: 'lbhd' }, 'ERR_OPTION', 'layout'],
    ])
      assertRefused(attention, () => attention.merge(parts, options), { code, argument });
  });
});
