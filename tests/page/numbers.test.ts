import { describe, expect, test } from 'vitest';
import { float32Text } from '../../web/src/numbers/float32Text.ts';
import { formatFixed, formatShort } from '../../web/src/numbers/numberFormat.ts';
import { readNumber, readValue } from '../../web/src/numbers/numberGrammar.ts';
import { LARGEST_SEED, seededUniform } from '../../web/src/numbers/seeded.ts';
import { unlessWhole } from '../../web/src/numbers/wholeNumber.ts';
import { printed } from '../../web/src/state/printed.ts';

describe('the number grammar', () => {
  test.each([
    [' 3 ', 3],
    ['+2', 2],
    ['.5', 0.5],
    ['5.', 5],
    ['-0', -0],
    ['−3', -3], // the minus that the page prints
    ['2e−1', 0.2],
    ['2e-1', 0.2],
    ['1E1', 10],
    ['3.4028234e38', 3.4028234e38],
    ['1e-45', 1e-45],
    ['9'.repeat(38), Number('9'.repeat(38))],
  ])('reads "%s"', (text, value) => {
    expect(readNumber(text)).toEqual({ ok: true, value });
  });

  test.each([
    ['', /is empty/],
    ['   ', /is empty/],
    ['1,5', /Write 1\.5/],
    [',5', /Write 0\.5/],
    ['-,5', /Write -0\.5/],
    ['1e999', /Too large/],
    ['3.5e38', /Too large/],
    ['1e-60', /Too close to zero/],
    ['0x10', /decimal/],
    ['0b1', /decimal/],
    ['Infinity', /Not a number/],
    ['NaN', /Not a number/],
    ['1/2', /Not a number/],
    ['1 2', /Not a number/],
    ['1\t2', /Not a number/],
    ['1_000', /Not a number/],
    ['--1', /Not a number/],
    ['1e', /Not a number/],
    ['.', /Not a number/],
    ['٣', /Not a number/],
    ['alert(1)', /Not a number/],
    ['<img src=x onerror=alert(1)>', /Not a number/],
    ['9'.repeat(41), /Too long. At most 40/],
  ])('refuses "%s" and says why', (text, problem) => {
    expect(readNumber(text)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });

  test('a number of JSON must fit single precision', () => {
    expect(readValue(0)).toEqual({ ok: true, value: 0 });
    expect(readValue(1e39)).toMatchObject({ ok: false });
    expect(readValue(1e-60)).toMatchObject({ ok: false });
  });

  test('a whole number between bounds, both allowed', () => {
    const problem = unlessWhole(0, 7);
    for (const value of [0, 7]) expect(problem(value)).toBeNull();
    for (const value of [-1, 8, 2.5]) expect(problem(value)).toMatch(/0 to 7/);
  });
});

describe('printed numbers', () => {
  test.each([
    [8.985929298, 4, '8.9859'],
    [-8.985929298, 4, '−8.9859'],
    [0.99296463, 6, '0.992965'],
    [0, 6, '0.000000'],
    [-0, 4, '0.0000'],
    [0.0000006, 6, '0.000001'],
    [0.0000004, 6, '4e−7'],
    [1234567.891, 4, '1234568'], // seven digits, as single precision has
    [123456.789, 4, '123456.8'],
    [9999999, 4, '9999999'],
    [1e7, 4, '1e7'],
    [1.2344e-8, 4, '1.234e−8'],
    [Infinity, 4, '∞'],
    [-Infinity, 4, '−∞'],
    [Number.NaN, 4, 'NaN'],
  ])('%d with %d decimals', (value, digits, text) => {
    expect(formatFixed(value, digits)).toBe(text);
  });

  test.each([
    [11, '11'],
    [-0.125, '−0.125'],
    [0.1 + 0.2, '0.3'],
    [1e6, '1000000'],
    [1e7, '1e7'],
    [1e-6, '0.000001'],
    [1e-7, '1e−7'],
    [-123456.789, '−123456.8'],
    [3.4028234663852886e38, '3.403e38'],
    [-Infinity, '−∞'],
  ])('%d as short as it can be', (value, text) => {
    expect(formatShort(value)).toBe(text);
  });

  test('each matrix has its own number of decimals', () => {
    const texts = (['q', 'products', 'scaled', 'masked', 'rowMax'] as const).map((name) =>
      printed(name, 1 / 3),
    );
    expect(texts).toEqual(['0.3333333', '0.3333333', '0.33333', '0.33333', '0.33333']);
    for (const name of ['exponentials', 'rowSum', 'weights', 'weightSum'] as const)
      expect(printed(name, 1 / 3)).toBe('0.333333');
    for (const name of ['contributions', 'output'] as const)
      expect(printed(name, 1 / 3)).toBe('0.3333');
    expect(printed('output', undefined)).toBe('');
  });

  test('in a file: the fewest digits that single precision reads back', () => {
    for (const value of [0.1, 1 / 3, 1e-45, 16777217, -3.4028234663852886e38, 8.985929489135742]) {
      const text = float32Text(value);
      expect(Math.fround(Number(text))).toBe(Math.fround(value));
      expect(text.replace(/e.*/, '').replace(/\D/g, '').replace(/^0+/, '').length).toBeLessThan(10);
    }
    expect(float32Text(Math.fround(0.1))).toBe('0.1');
    expect(float32Text(-0)).toBe('0');
    expect(float32Text(-Infinity)).toBe('-Infinity');
  });
});

test('a seed draws the same numbers again, and its neighbour draws others', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, seededUniform(seed));
  expect(draw(40)).toEqual(draw(40));
  // Without the numbers that are passed over, neighbours would begin alike.
  expect(Math.abs(draw(40)[0] - draw(41)[0])).toBeGreaterThan(0.01);
  for (const value of [...draw(0), ...draw(LARGEST_SEED)]) {
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThan(1);
  }
});
