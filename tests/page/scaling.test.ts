import { describe, expect, test } from 'vitest';
import { drawVectors, POWERS, scoreWalks, weigh } from '../../web/src/scaling/scoreWalks.ts';
import {
  FLOAT32_MAX,
  LARGEST_EXPONENT,
  naiveSoftmax,
  stableSoftmax,
  verdictOn,
} from '../../web/src/scaling/softmaxTwice.ts';
import { drawWalks, HEIGHT, MARGIN } from '../../web/src/scaling/walksDrawing.ts';
import { engine } from './open.ts';
import { normalRows, seededNormal } from './random.ts';
import { attention } from './reference.ts';

interface Vectors {
  q: number[][];
  k: number[][];
}

function vectorsOf(seed: number): Vectors {
  const normal = seededNormal(seed);
  return { q: normalRows(normal, 8, 1024), k: normalRows(normal, 8, 1024) };
}

/** Scores and weights of the first `depth` columns, in double precision. */
function solve({ q, k }: Vectors, depth: number, divisor = Math.sqrt(depth)) {
  const cut = (rows: number[][]) => rows.map((row) => row.slice(0, depth));
  return attention({ q: cut(q), k: cut(k), v: k.map(() => [1]) }, { divisor });
}

const rootMeanSquare = (numbers: number[]) =>
  Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length);

const near = (value: number, wanted: number, name: string) =>
  expect(Math.abs(value - wanted), `${name}: ${value}, not ${wanted}`).toBeLessThanOrEqual(
    5e-5 * Math.max(1, Math.abs(wanted)),
  );

describe('scores of random vectors', () => {
  test.each([40, 123456])('are the dot products, at each depth of the slider, seed %i', (seed) => {
    const vectors = vectorsOf(seed);
    const walks = scoreWalks(engine, drawVectors(seed));
    expect(walks.map(({ depth }) => depth)).toEqual(expect.arrayContaining([...POWERS]));
    for (const { depth, raw, scaled, rawSpread, scaledSpread } of walks) {
      if (!POWERS.some((power) => power === depth)) continue;
      const { products, scaled: wanted } = solve(vectors, depth);
      for (const [i, score] of products.flat().entries()) near(raw[i], score, `${depth}, ${i}`);
      for (const [i, score] of wanted.flat().entries()) near(scaled[i], score, `${depth}, ${i}`);
      near(rawSpread, rootMeanSquare(products.flat()), `spread at ${depth}`);
      near(scaledSpread, rootMeanSquare(wanted.flat()), `divided spread at ${depth}`);
    }
  });

  test.each([...POWERS])('the weights of the first query, at depth %i', (depth) => {
    const vectors = drawVectors(40);
    for (const [weighing, divisor] of [
      [weigh(engine, vectors, depth, 1), 1],
      [weigh(engine, vectors, depth), Math.sqrt(depth)],
    ] as const) {
      const wanted = solve(vectorsOf(40), depth, divisor);
      for (const [key, weight] of wanted.weights[0].entries()) {
        near(weighing.scores[key], wanted.scaled[0][key], `score ${key}`);
        near(weighing.weights[key], weight, `weight ${key}`);
      }
      near(weighing.sum, 1, 'sum');
    }
  });

  test('undivided, one key takes everything at depth 1024; divided, none does', () => {
    const vectors = drawVectors(40);
    expect(Math.max(...weigh(engine, vectors, 1024, 1).weights)).toBeGreaterThan(0.999);
    expect(Math.max(...weigh(engine, vectors, 1024).weights)).toBeLessThan(0.5);
  });

  test('the chart: depth to the right, scores upwards, each walk through its scores', () => {
    const walks = scoreWalks(engine, drawVectors(40));
    const { x, y, walks: lines, expected } = drawWalks(walks, 'raw', Math.sqrt, 600);
    expect([x(0), x(1024)]).toEqual([MARGIN.left, 600 - MARGIN.right]);
    const all = walks.flatMap(({ raw }) => [...raw]);
    for (const score of [Math.min(...all), Math.max(...all)]) {
      expect(y(score)).toBeGreaterThanOrEqual(MARGIN.top);
      expect(y(score)).toBeLessThanOrEqual(HEIGHT - MARGIN.bottom);
    }
    expect(y(1)).toBeLessThan(y(0));
    const points = lines
      .split('M')
      .slice(1)
      .map((line) => line.split('L'));
    expect(points).toHaveLength(64);
    for (const [index, line] of points.entries()) {
      expect(line).toHaveLength(walks.length + 1);
      expect(line[0]).toBe(`${MARGIN.left.toFixed(1)},${y(0).toFixed(1)}`);
      const { depth, raw } = walks[7];
      expect(line[8]).toBe(`${x(depth).toFixed(1)},${y(raw[index]).toFixed(1)}`);
    }
    expect(expected).toContain(`L${x(1024).toFixed(1)},${y(32).toFixed(1)}`);
    expect(expected).toContain(`L${x(1024).toFixed(1)},${y(-32).toFixed(1)}`);
    expect(
      drawWalks(walks, 'scaled', () => 1, 600)
        .walks.split('M')[1]
        .split('L'),
    ).toHaveLength(walks.length);
  });
});

describe('softmax with and without its maximum', () => {
  const expectStable = (scores: number[]) => {
    const { max, shifted, exponentials, sum, weights } = stableSoftmax(engine, scores);
    expect(max).toBe(Math.max(...scores.map(Math.fround)));
    const wanted = attention({
      q: [[1]],
      k: scores.map((x) => [Math.fround(x)]),
      v: scores.map(() => [1]),
    });
    for (const i of scores.keys()) {
      near(shifted[i], scores[i] - Math.max(...scores), 'score less the maximum');
      near(exponentials[i], wanted.exponentials[0][i], 'exponential');
      near(weights[i], wanted.weights[0][i], 'weight');
    }
    near(sum, wanted.rowSum[0], 'sum');
  };

  test('small scores: both agree', () => {
    const naive = naiveSoftmax([1, 2, 3]);
    expectStable([1, 2, 3]);
    for (const i of [0, 1, 2]) {
      near(naive.exponentials[i], Math.exp(i + 1), 'exponential');
      near(naive.weights[i], stableSoftmax(engine, [1, 2, 3]).weights[i], 'weight');
    }
    expect(verdictOn(naive)).toContain('both ways give the same weights');
  });

  test('100, 999, 1000: ∞ ÷ ∞ on one side, right on the other', () => {
    const naive = naiveSoftmax([100, 999, 1000]);
    expect(naive.exponentials).toEqual([Infinity, Infinity, Infinity]);
    expect(naive.weights).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(verdictOn(naive)).toContain('∞ ÷ ∞ is not a number');
    expectStable([100, 999, 1000]);
    near(stableSoftmax(engine, [100, 999, 1000]).weights[2], 0.731059, 'the largest');
  });

  test('far below zero: 0 ÷ 0 on one side, right on the other', () => {
    const naive = naiveSoftmax([-200, -201, -202]);
    expect([...naive.exponentials, naive.sum]).toEqual([0, 0, 0, 0]);
    expect(naive.weights).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(verdictOn(naive)).toContain('0 ÷ 0 is not a number');
    expectStable([-200, -201, -202]);
  });

  test('exponentials that fit while their sum does not', () => {
    const naive = naiveSoftmax([88.7, 88.7, 88.6]);
    expect(naive.exponentials.every(Number.isFinite)).toBe(true);
    expect([naive.sum, ...naive.weights]).toEqual([Infinity, 0, 0, 0]);
    expect(verdictOn(naive)).toContain('their sum does not');
    expectStable([88.7, 88.7, 88.6]);
  });

  test('where single precision ends', () => {
    expect(Math.fround(FLOAT32_MAX)).toBe(FLOAT32_MAX);
    expect(Math.fround(FLOAT32_MAX * (1 + 2 ** -24))).toBe(Infinity);
    expect(LARGEST_EXPONENT).toBeCloseTo(88.7228, 4);
  });
});
