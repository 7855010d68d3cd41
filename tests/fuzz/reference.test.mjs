// The reference against numbers worked out by hand, one rule of attention at a time, and its parts against the
// whole.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertClose } from '../package/closeness.mjs';
import { problemOf } from '../random/problem.mjs';
import { recipe } from '../random/recipe.mjs';
import { runs } from '../random/runs.mjs';
import { attendReference } from '../reference/attention.mjs';
import { rotaryReference } from '../reference/rotary.mjs';
import { referenceEngine } from './engines.mjs';
import { compute } from './parts.mjs';

const EXACT = { absolute: 1e-9, relative: 1e-9 };
const tensor = (shape, ...data) => ({ data, shape });

test('the worked example: every step', () => {
  const inputs = [tensor([1, 2], 3, 4), tensor([2, 2], 1, 2, 2, 3), tensor([2, 2], 7, 8, 9, 10)];
  const steps = attendReference(...inputs, {}, { contributions: true });
  const expected = {
    products: [11, 18],
    scoresRaw: [7.778174593, 12.727922061],
    weights: [0.007035351085, 0.992964648915],
    output: [8.98592929783, 9.98592929783],
    contributions: [0.049247457596, 0.056282808681, 8.936681840234, 9.929646489149],
  };
  for (const [name, numbers] of Object.entries(expected))
    assertClose(steps[name].data, numbers, EXACT, name);
  // ln 4 between the scores: the weights that the article assumes.
  const { output } = attendReference(...inputs, { scale: Math.log(4) / 7 });
  assertClose(output.data, [8.6, 9.6], EXACT);
});

/** L = 1, three keys with scores 1, 2 and 3 at a scale of 1, and values 1, 10, 100. */
const attend = (options, change = {}) => {
  const { q = 1, k = [1, 2, 3], v = [1, 10, 100] } = change;
  const given = { scale: 1, ...options };
  return attendReference(tensor([1, 1], q), tensor([3, 1], ...k), tensor([3, 1], ...v), given);
};
/** Values 1, 10, 100, weighted by the softmax of scores. */
const softmax = (...scores) => {
  const [a, b, c] = scores.map(Math.exp);
  return (a + 10 * b + 100 * c) / (a + b + c);
};

test('each option alone', () => {
  const outputs = [
    [{}, softmax(1, 2, 3)],
    [{ scale: -2 }, softmax(-2, -4, -6)],
    [{ isCausal: true }, 1],
    [{ isCausal: true, queryOffset: 1 }, softmax(1, 2, -Infinity)],
    [{ isCausal: true, queryOffset: [1] }, softmax(1, 2, -Infinity)],
    [{ isCausal: true, queryOffset: 'end' }, softmax(1, 2, 3)],
    [{ isCausal: true, queryOffset: 'end', keyLengths: [2] }, softmax(1, 2, -Infinity)],
    [{ keyLengths: [1] }, 1],
    [{ window: { left: 1 }, queryOffset: 2 }, softmax(-Infinity, 2, 3)],
    [{ window: { right: 1 } }, softmax(1, 2, -Infinity)],
    [{ mask: tensor([3], 1, 0, 7) }, softmax(1, -Infinity, 3)],
    [{ bias: tensor([1, 3], 0.5, -Infinity, -2) }, softmax(1.5, -Infinity, 1)],
    [{ alibiSlopes: [0.5], queryOffset: 1 }, softmax(0.5, 2, 2.5)],
    [{ softcap: 2 }, softmax(...[1, 2, 3].map((s) => 2 * Math.tanh(s / 2)))],
    // Softcap comes before bias.
    [{ softcap: 2, bias: tensor([1], 5) }, softmax(...[1, 2, 3].map((s) => 2 * Math.tanh(s / 2)))],
    // A sink equal to the third score is a fourth key of value 0.
    [{ sinks: [3] }, (1 + 10 * Math.E + 100 * Math.E ** 2) / (1 + Math.E + 2 * Math.E ** 2)],
  ];
  for (const [options, output] of outputs)
    assertClose(attend(options).output.data, [output], EXACT, JSON.stringify(options));
});

test('a row that attends no key is 0, and its log-sum-exp is −Infinity or the sink', () => {
  const rows = [[{}, -Infinity], [{ sinks: [0.5] }, 0.5]]; // biome-ignore format: pairs
  for (const [options, logSumExp] of rows) {
    const row = attend({ ...options, keyLengths: [0] }, { v: [Number.NaN, Infinity, 1] });
    assert.deepEqual([...row.output.data, ...row.weights.data], [0, 0, 0, 0]);
    assert.deepEqual([...row.logSumExp.data], [logSumExp]);
  }
});

test('scores of −∞: an excluded key has no influence, an attended one counts', () => {
  const poisoned = { k: [1, -Infinity, 1], v: [5, Number.NaN, 7] };
  assert.deepEqual([...attend({ mask: tensor([3], 1, 0, 1) }, poisoned).output.data], [6]);
  const attended = attend({ keyLengths: [2] }, poisoned);
  assert.deepEqual([...attended.weights.data], [1, 0, 0]);
  assert.deepEqual([...attended.output.data, ...attended.logSumExp.data], [Number.NaN, 1]);
  const all = attend({ keyLengths: [2] }, { k: [-Infinity, -Infinity, 1] });
  assert.deepEqual([...all.output.data, ...all.logSumExp.data], [Number.NaN, Number.NaN]);
});

test('scores beyond float32 are infinite, products are not', () => {
  const { products, scoresRaw } = attend({ scale: 1e-30 }, { q: 1e20, k: [1e20, 1e30, -1e50] });
  assertClose(products.data, [1e40, 1e50, -1e70], EXACT);
  assertClose(scoresRaw.data, [1e10, 1e20, -Infinity], EXACT);
});

test('consecutive query heads share a key head, in both layouts', () => {
  const query = (shape) => tensor(shape, 0, 0, 0, 0);
  const values = [1, 2];
  const heads = attendReference(
    query([4, 1, 1]),
    tensor([2, 1, 1], 0, 0),
    tensor([2, 1, 1], ...values),
  );
  assert.deepEqual([...heads.output.data], [1, 1, 2, 2]);
  const layout = { layout: 'blhd' };
  const rows = attendReference(
    query([2, 2, 1]),
    tensor([1, 2, 1], 0, 0),
    tensor([1, 2, 1], ...values),
    layout,
  );
  assert.deepEqual(rows.output.shape, [2, 2, 1]);
  assert.deepEqual([...rows.output.data], [1, 2, 1, 2]);
});

test('the parts of a problem, merged, are the whole', () => {
  const engine = referenceEngine(undefined, Float64Array);
  const ways = new Set();
  const property = fc.property(recipe, (chosen) => {
    const problem = problemOf(chosen, 100_000);
    fc.pre(problem.way.by === 'chunks' || problem.way.by === 'subsets');
    ways.add(problem.way.by);
    const { query, key, value, options } = problem;
    const expected = attendReference(query, key, value, options);
    for (const [name, { data, shape }] of Object.entries(compute(engine, problem))) {
      assert.deepEqual(shape, expected[name].shape, name);
      assertClose(data, expected[name].data, { absolute: 1e-10, relative: 1e-10 }, name);
    }
  });
  fc.assert(property, runs(150));
  assert.equal(ways.size, 2);
});

test('a rotation by exact angles, at any position', () => {
  const turned = (position, options) =>
    rotaryReference(tensor([1, 4], 1, 2, 0, 0), { positions: position, base: 100, ...options })
      .data;
  const [a, b] = [Math.cos(3), Math.sin(3)];
  const [c, d] = [Math.cos(0.3), Math.sin(0.3)]; // 3·100^(−2/4)
  assertClose(turned(3), [a, 2 * c, b, 2 * d], EXACT);
  assertClose(turned(3, { interleaved: true }), [a - 2 * b, b + 2 * a, 0, 0], EXACT);
  assertClose(turned(3, { rotaryDim: 2 }), [a - 2 * b, b + 2 * a, 0, 0], EXACT);
  // V8's cosine reduces its argument exactly.
  assertClose(turned(2 ** 31 - 1).slice(0, 1), [Math.cos(2147483647)], EXACT);
});
