// Rotary embedding against its reference, and the misuses that it refuses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random, tensor } from '../random/numbers.mjs';
import { rotaryReference } from '../reference/rotary.mjs';
import { assertClose, assertSameBits } from './closeness.mjs';
import { assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

const CLOSE = { absolute: 1e-6, relative: 1e-6 };

forEachVariant('rotary embedding', (engine) => {
  const x = tensor(random(8), [2, 3, 5, 8]);
  const assertRotated = (input, options, tolerance = CLOSE) => {
    const actual = engine.attention.rotaryEmbedding(input, options);
    const expected = rotaryReference(input, options);
    assert.deepEqual([...actual.shape], expected.shape);
    assertClose(actual.data, expected.data, tolerance);
  };

  for (const interleaved of [false, true])
    for (const rotaryDim of [8, 4, 2])
      test(`base, rotaryDim ${rotaryDim}${interleaved ? ', interleaved' : ''}`, () => {
        const lists = [[0, 1, 2, 3, 4], [5, 4, 3, 2, 1]]; // biome-ignore format: two lists
        for (const positions of [undefined, 1000, [9, 3, 3, 0, 70000], lists])
          assertRotated(x, { interleaved, rotaryDim, base: 500, positions });
      });

  test('tables with positions, one row for each row, and one for each row of each batch element', () => {
    const angles = tensor(random(9), [10, 4]).data;
    const table = (f, shape) => ({ data: angles.map(f), shape });
    const tables = (shape) => ({ cos: table(Math.cos, shape), sin: table(Math.sin, shape) });
    assertRotated(x, { ...tables([10, 4]), positions: [7, 0, 9, 9, 1] });
    assertRotated(x, tables([10, 4]));
    assertRotated(x, tables([2, 5, 4]));
  });

  // An angle is computed in double: its error grows with the position, by a last place of the frequency.
  // float32 adds half a last place of cos or sin.
  const FAR = [0, 1, -1, 4001, 131_072, 1_000_003, 2 ** 24 + 1, 2 ** 31 - 1, -(2 ** 31 - 1)];
  for (const rotaryDim of [2, 64, 128, 256, 1024])
    test(`positions up to ±(2³¹ − 1), rotaryDim ${rotaryDim}: |position|·2⁻⁵² + 2⁻²⁴`, () => {
      const half = rotaryDim / 2;
      // Pairs of (1, 0) rotate to (cos, sin).
      const ones = Float32Array.from({ length: FAR.length * rotaryDim }, (_, i) =>
        Number(i % rotaryDim < half),
      );
      const units = { data: ones, shape: [FAR.length, rotaryDim] };
      for (const base of [1, 2, 10_000, 500_000, 3e38]) {
        const actual = engine.attention.rotaryEmbedding(units, { positions: FAR, base }).data;
        const expected = rotaryReference(units, { positions: FAR, base }).data;
        FAR.forEach((position, row) => {
          const [a, e] = [actual, expected].map((all) =>
            all.subarray(row * rotaryDim, (row + 1) * rotaryDim),
          );
          const absolute = Math.abs(position) * 2 ** -52 + 2 ** -24;
          assertClose(a, e, { absolute, relative: 0 }, `base ${base}, position ${position}`);
        });
      }
    });

  test('layout blhd is the transpose of bhld; rank 2 and 3 have their rows', () => {
    const { attention } = engine;
    const rows = { data: x.data.slice(0, 40), shape: [5, 8] };
    const heads = { data: x.data.slice(0, 120), shape: [3, 5, 8] };
    const expected = attention.rotaryEmbedding(x).data;
    assertSameBits(attention.rotaryEmbedding(rows).data, expected.slice(0, 40));
    assertSameBits(attention.rotaryEmbedding(heads).data, expected.slice(0, 120));
    // With one head the two layouts are the same memory.
    const one = { data: x.data, shape: [6, 5, 1, 8] };
    const same = { data: x.data, shape: [6, 1, 5, 8] };
    assertSameBits(
      attention.rotaryEmbedding(one, { layout: 'blhd' }).data,
      attention.rotaryEmbedding(same).data,
    );
  });

  test('an input that is detached while positions are read', () => {
    const input = { data: new Float32Array(8), shape: [2, 4] };
    const positions = [0, 1];
    Object.defineProperty(positions, 0, {
      get() {
        const { buffer } = input.data;
        if (buffer.byteLength > 0) structuredClone(buffer, { transfer: [buffer] });
        return 0;
      },
    });
    assertRefused(engine.attention, () => engine.attention.rotaryEmbedding(input, { positions }), {
      code: 'ERR_DETACHED',
      argument: 'x.data',
    });
  });

  test('each misuse is refused', () => {
    const { attention } = engine;
    const pair = [[1, 2]];
    for (const [input, options, code, argument] of [
      [[[1, 2, 3]], undefined, 'ERR_SHAPE', 'x'],
      [[1, 2], undefined, 'ERR_SHAPE', 'x.shape'],
      ['x', undefined, 'ERR_TYPE', 'x'],
      [pair, { rotaryDim: 1 }, 'ERR_SHAPE', 'rotaryDim'],
      [pair, { rotaryDim: 4 }, 'ERR_VALUE', 'rotaryDim'],
      [pair, { base: 0 }, 'ERR_VALUE', 'base'],
      [pair, { base: Number.NaN }, 'ERR_VALUE', 'base'],
      [pair, { cos: [[1]] }, 'ERR_OPTION', 'sin'],
      [pair, { cos: [[1]], sin: [[0]], base: 10 }, 'ERR_OPTION', 'base'],
      [pair, { cos: [[1, 1]], sin: [[0]] }, 'ERR_SHAPE', 'cos'],
      [pair, { cos: [[1]], sin: [[0]], positions: 1 }, 'ERR_SHAPE', 'cos'],
      [pair, { cos: [[1]], sin: [[0]], positions: [1] }, 'ERR_VALUE', 'positions[0]'],
      [pair, { cos: [[[1]], [[1]]], sin: [[[0]], [[0]]] }, 'ERR_SHAPE', 'cos'],
      [pair, { cos: [[[1], [1]]], sin: [[[0], [0]]] }, 'ERR_SHAPE', 'cos'],
      [pair, { cos: [[[1]]], sin: [[[0]]], positions: [0] }, 'ERR_OPTION', 'positions'],
      [pair, { positions: 0.5 }, 'ERR_VALUE', 'positions'],
      [pair, { positions: [0, 1] }, 'ERR_SHAPE', 'positions'],
      [pair, { positions: [[0], [1]] }, 'ERR_SHAPE', 'positions'],
      [pair, { interleave: true }, 'ERR_OPTION', 'options.interleave'],
    ])
      assertRefused(attention, () => attention.rotaryEmbedding(input, options), { code, argument });
  });
});
