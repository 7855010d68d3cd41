// Rotary embedding against complex rotation in double precision, and what it refuses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random, tensor } from '../random/numbers.mjs';
import { assertClose, assertSameBits } from './closeness.mjs';
import { assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

const CLOSE = { absolute: 1e-6, relative: 1e-6 };

/** x [B, H, L, D] rotated by the angles of `angle(b, l, pair)`. */
function rotated({ data, shape: [batch, heads, rows, depth] }, rotaryDim, interleaved, angle) {
  const to = Float64Array.from(data);
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let l = 0; l < rows; l++)
        for (let pair = 0; pair < rotaryDim / 2; pair++) {
          const row = ((b * heads + h) * rows + l) * depth;
          const i = row + (interleaved ? 2 * pair : pair);
          const j = interleaved ? i + 1 : i + rotaryDim / 2;
          const [c, s] = [Math.cos(angle(b, l, pair)), Math.sin(angle(b, l, pair))];
          to[i] = c * data[i] - s * data[j];
          to[j] = s * data[i] + c * data[j];
        }
  return to;
}

forEachVariant('rotary embedding', (engine) => {
  const x = tensor(random(8), [2, 3, 5, 8]);
  const frequency = (base, rotaryDim) => (pair) => base ** ((-2 * pair) / rotaryDim);

  for (const interleaved of [false, true])
    for (const rotaryDim of [8, 4, 2])
      test(`base, rotaryDim ${rotaryDim}${interleaved ? ', interleaved' : ''}`, () => {
        const options = { interleaved, rotaryDim, base: 500 };
        const f = frequency(500, rotaryDim);
        for (const [positions, at] of [
          [undefined, (_b, l) => l],
          [1000, (_b, l) => 1000 + l],
          [[9, 3, 3, 0, 70000], (_b, l) => [9, 3, 3, 0, 70000][l]],
          [
            [
              [0, 1, 2, 3, 4],
              [5, 4, 3, 2, 1],
            ],
            (b, l) => (b ? 5 - l : l),
          ],
        ]) {
          const given = positions === undefined ? options : { ...options, positions };
          const expected = rotated(x, rotaryDim, interleaved, (b, l, pair) => at(b, l) * f(pair));
          const y = engine.attention.rotaryEmbedding(x, given);
          assert.deepEqual([...y.shape], x.shape);
          assertClose(y.data, expected, CLOSE);
        }
      });

  test('tables with positions, one for each row, and one for each row of each batch element', () => {
    const angles = tensor(random(9), [10, 4]).data;
    const table = (f, shape) => ({ data: angles.map(f), shape });
    const tables = (shape) => ({ cos: table(Math.cos, shape), sin: table(Math.sin, shape) });
    const row = (index) => (b, l, pair) => angles[index(b, l) * 4 + pair];
    const { attention } = engine;
    assertClose(
      attention.rotaryEmbedding(x, { ...tables([10, 4]), positions: [7, 0, 9, 9, 1] }).data,
      rotated(
        x,
        8,
        false,
        row((_b, l) => [7, 0, 9, 9, 1][l]),
      ),
      CLOSE,
    );
    assertClose(
      attention.rotaryEmbedding(x, tables([10, 4])).data,
      rotated(
        x,
        8,
        false,
        row((_b, l) => l),
      ),
      CLOSE,
    );
    assertClose(
      attention.rotaryEmbedding(x, tables([2, 5, 4])).data,
      rotated(
        x,
        8,
        false,
        row((b, l) => b * 5 + l),
      ),
      CLOSE,
    );
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
