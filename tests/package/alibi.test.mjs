// alibiSlopes(): the slopes of the paper and of its authors' code.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alibiSlopes, createAttention } from 'qkv';
import { random, tensor } from '../random/numbers.mjs';
import { attendReference } from '../reference/attention.mjs';
import { assertTensorClose, PROMISED } from './closeness.mjs';
import { assertExplained } from './refusal.mjs';

// get_slopes() of github.com/ofirpress/attention_with_linear_biases, its two functions line by line.
function slopesOfAuthors(n) {
  const ofPowerOf2 = (n) => {
    const start = 2 ** -(2 ** -(Math.log2(n) - 3));
    const ratio = start;
    return Array.from({ length: n }, (_, i) => start * ratio ** i);
  };
  if (Number.isInteger(Math.log2(n))) return ofPowerOf2(n);
  const closest = 2 ** Math.floor(Math.log2(n));
  const others = slopesOfAuthors(2 * closest).filter((_, i) => i % 2 === 0);
  return [...ofPowerOf2(closest), ...others.slice(0, n - closest)];
}

test('8 heads: 1/2, 1/4, … 1/256, as in section 3 of the paper', () => {
  assert.deepEqual(alibiSlopes(8), [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256]);
});

test('16 heads: 1/2^0.5, 1/2^1, 1/2^1.5, … 1/2^8', () => {
  const slopes = alibiSlopes(16);
  for (const [i, slope] of slopes.entries())
    assert.ok(Math.abs(slope * 2 ** ((i + 1) / 2) - 1) < 1e-15);
});

test('ALiBi slopes for 12 heads: those of 8, then every second one of 16', () => {
  const between = [0.5, 1.5, 2.5, 3.5].map((power) => 2 ** -power);
  assert.deepEqual(alibiSlopes(12), [...alibiSlopes(8), ...between]);
});

test("1 to 130 heads: the authors' numbers", () => {
  for (let heads = 1; heads <= 130; heads++) {
    const expected = slopesOfAuthors(heads);
    const slopes = alibiSlopes(heads);
    assert.equal(slopes.length, heads);
    for (const [i, slope] of slopes.entries())
      assert.ok(Math.abs(slope / expected[i] - 1) < 1e-13, `${heads} heads, head ${i}: ${slope}`);
  }
});

test('as an option, for 12 query heads', async () => {
  const attention = await createAttention();
  const next = random(12);
  const inputs = [tensor(next, [12, 4, 8]), tensor(next, [4, 20, 8]), tensor(next, [4, 20, 8])];
  const options = { alibiSlopes: alibiSlopes(12), isCausal: true, queryOffset: 'end' };
  const expected = attendReference(...inputs, options).output;
  assertTensorClose(attention.attend(...inputs, options).output, expected, PROMISED);
  attention.dispose();
});

test('no heads have no slopes; wrong numbers of heads are refused', () => {
  assert.deepEqual(alibiSlopes(0), []);
  for (const [
    heads,
    code,
  ] of [[-1, 'ERR_VALUE'], [1.5, 'ERR_VALUE'], [65537, 'ERR_VALUE'], [Number.NaN, 'ERR_VALUE'], ['8', 'ERR_TYPE'], [undefined, 'ERR_TYPE']]) // biome-ignore format: pairs
    assert.throws(
      () => alibiSlopes(heads),
      (error) => assertExplained(error, { code, argument: 'heads' }),
    );
  assert.equal(alibiSlopes(65536).length, 65536);
});
