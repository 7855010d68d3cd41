import { describe, expect, test } from 'vitest';
import { setHeads } from '../../web/src/state/commands.ts';
import { compareWithArticle } from '../../web/src/state/comparison.ts';
import { computeModel, isEmptyRow, isHidden, overflows } from '../../web/src/state/computation.ts';
import { DEFAULT_MODEL } from '../../web/src/state/model.ts';
import { operandsOf } from '../../web/src/state/operands.ts';
import { optionsInForce } from '../../web/src/state/optionsInForce.ts';
import { PRESETS, usePreset } from '../../web/src/state/presets.ts';
import { underScales } from '../../web/src/state/scales.ts';
import { summaryOf } from '../../web/src/state/summary.ts';
import { engine, modelOf } from './open.ts';
import { CASES } from './problems.ts';
import { random } from './random.ts';
import { attention, valueAt } from './reference.ts';

const [article] = computeModel(engine, DEFAULT_MODEL);
const rowsOf = (matrix: { rows: number; columns: number; at(i: number, j: number): number }) =>
  Array.from({ length: matrix.rows }, (_, i) =>
    Array.from({ length: matrix.columns }, (_, j) => matrix.at(i, j)),
  );

test.each(CASES)('every number of every step is right: $name', ({ hash, problem, options }) => {
  const heads = computeModel(engine, modelOf(hash));
  expect(heads).toHaveLength(1);
  const expected = attention(problem, options);
  const near = (value: number, wanted: number, key: string) => {
    if (Number.isFinite(wanted)) {
      const tolerance = 2e-6 * Math.max(1, Math.abs(wanted), ...problem.v.flat().map(Math.abs));
      expect(Math.abs(value - wanted), key).toBeLessThanOrEqual(tolerance);
    } else expect(value, key).toBe(wanted);
  };
  const { contributions, inputs, q, k, v, ...matrices } = heads[0];
  for (const [name, matrix] of Object.entries(matrices)) {
    for (const [i, row] of rowsOf(matrix).entries()) {
      for (const [j, value] of row.entries()) {
        const key =
          matrix.columns === 1 && /row|Sum/.test(name) ? `${name}:${i}` : `${name}:${i}:${j}`;
        near(value, valueAt(expected, key), key);
      }
    }
  }
  for (const [i, of] of contributions.entries()) {
    for (const [j, row] of rowsOf(of).entries())
      for (const [c, value] of row.entries())
        near(value, expected.contributions[i][j][c], `contributions:${i}:${j}:${c}`);
  }
  expect([rowsOf(q), rowsOf(k), rowsOf(v)]).toEqual([problem.q, problem.k, problem.v]);
  expect(inputs).toEqual(problem);
  for (const [i, row] of expected.masked.entries()) {
    expect(isEmptyRow(heads[0], i)).toBe(row.every((score) => score === -Infinity));
    for (const [j, score] of row.entries())
      expect(isHidden(heads[0], i, j)).toBe(score === -Infinity);
  }
});

test('each head has its own queries, and grouped heads share keys and values', () => {
  const [a, b, c, d] = [7, 8, 9, 10].map((seed) => random(seed, 2, 3, 2, 2));
  const q = [a.q, b.q, c.q, d.q];
  const [k, v] = [
    [a.k, b.k],
    [a.v, b.v],
  ];
  const heads = computeModel(
    engine,
    modelOf(`#qkv=1&q=4x2x2:${q.flat(2)}&k=2x3x2:${k.flat(2)}&v=2x3x2:${v.flat(2)}&causal=1`),
  );
  expect(heads).toHaveLength(4);
  for (const [head, computed] of heads.entries()) {
    const group = Math.floor(head / 2);
    const wanted = attention({ q: q[head], k: k[group], v: v[group] }, { sees: (i, j) => j <= i });
    for (const [i, row] of rowsOf(computed.weights).entries())
      for (const [j, weight] of row.entries()) expect(weight).toBeCloseTo(wanted.weights[i][j], 5);
    for (const [i, row] of rowsOf(computed.output).entries())
      for (const [j, value] of row.entries()) expect(value).toBeCloseTo(wanted.output[i][j], 4);
    for (const [j, row] of computed.inputs.k.entries())
      for (const [d, value] of row.entries()) expect(value).toBeCloseTo(k[group][j][d], 12);
  }
});

test('scores beyond single precision are ∞, and it is said', () => {
  const [large] = computeModel(engine, modelOf('#qkv=1&q=1x1x1:1e38&k=1x1x1:1e38&v=1x1x1:1'));
  expect(large.scaled.at(0, 0)).toBe(Infinity);
  expect(overflows(large)).toBe(true);
  expect(overflows(article)).toBe(false);
});

test('the same model under other divisors', () => {
  const outcomes = underScales(engine, DEFAULT_MODEL, 0, ['off', 'root', 10]);
  for (const [index, divisor] of [1, Math.SQRT2, 10].entries()) {
    const wanted = attention({ ...random(1, 1, 1, 1, 1), ...ARTICLE_ROWS }, { divisor });
    expect(outcomes[index].weights.at(0, 1)).toBeCloseTo(wanted.weights[0][1], 6);
    expect(outcomes[index].output.at(0, 0)).toBeCloseTo(wanted.output[0][0], 5);
    expect(outcomes[index].weightSum.at(0, 0)).toBeCloseTo(1, 6);
  }
  const second = underScales(engine, setHeads(DEFAULT_MODEL, 2), 1, ['off'])[0];
  const turned = attention(
    {
      q: [[4, 3]],
      k: [
        [2, 1],
        [3, 2],
      ],
      v: [
        [8, 7],
        [10, 9],
      ],
    },
    { divisor: 1 },
  );
  expect(second.output.at(0, 0)).toBeCloseTo(turned.output[0][0], 5);
});

const ARTICLE_ROWS = {
  q: [[3, 4]],
  k: [
    [1, 2],
    [2, 3],
  ],
  v: [
    [7, 8],
    [9, 10],
  ],
};

describe('the article’s weights', () => {
  test('would need scores divided by 5.05, as if d_k were 25.5', () => {
    const result = compareWithArticle(engine, article);
    if (!result.ok) throw new Error(result.why);
    const { assumed, confirmed, difference, logRatio, divisor, depth } = result.comparison;
    expect(difference).toBe(7);
    expect(logRatio).toBeCloseTo(Math.log(4), 12);
    expect(divisor).toBeCloseTo(5.0494, 4);
    expect(depth).toBeCloseTo(25.4968, 3);
    expect(rowsOf(assumed.output)[0].map((x) => x.toFixed(4))).toEqual(['8.6000', '9.6000']);
    for (const { weights } of [assumed, confirmed]) {
      expect(weights.at(0, 0)).toBeCloseTo(0.2, 6);
      expect(weights.at(0, 1)).toBeCloseTo(0.8, 6);
    }
  });

  test.each([
    ['three keys', 'q=1x1x2:3,4&k=1x3x2:1,2,2,3,0,0&v=1x3x1:7,9,1', /there are 3 keys/],
    ['one key', 'q=1x1x2:3,4&k=1x1x2:1,2&v=1x1x1:7', /there is one key/],
    ['equal scores', 'q=1x1x2:0,0', /both weights are a half/],
    ['the first score larger', 'k=1x2x2:9,2,2,3', /first key has the larger/],
    ['overflow', 'q=1x1x2:1e38,1&k=1x2x2:1,1,1e38,1', /overflow/],
  ])('cannot be had by any scale: %s', (_, fields, why) => {
    const [shown] = computeModel(engine, modelOf(`#qkv=1&${fields}`));
    expect(compareWithArticle(engine, shown)).toEqual({
      ok: false,
      why: expect.stringMatching(why),
    });
  });
});

test('the cells that a result is made of, one step back', () => {
  const at = { query: 0, key: 1, column: 1 };
  const of = (name: Parameters<typeof operandsOf>[0], logits: 'scaled' | 'masked' = 'scaled') => [
    ...operandsOf(name, at, article, logits),
  ];
  expect(of('products')).toEqual(['q:0:0', 'q:0:1', 'k:1:0', 'k:1:1']);
  expect(of('masked')).toEqual(of('products'));
  expect(of('scaled')).toEqual(['products:0:1']);
  expect(of('weights')).toEqual(['scaled:0:0', 'scaled:0:1']);
  expect(of('weights', 'masked')).toEqual(['masked:0:0', 'masked:0:1']);
  expect(of('output')).toEqual([
    ...['weights:0:0', 'weights:0:1', 'v:0:1', 'v:1:1'],
    ...['contributions:0:0:1', 'contributions:0:1:1'],
  ]);
});

describe('in words', () => {
  test('the result', () => {
    expect(summaryOf(article, null)).toBe(
      'Result: query 1 receives 8.9859, 9.9859. Rounded for display only.',
    );
    const empty = CASES.find(({ name }) => name.includes('empty row'));
    const [shown] = computeModel(engine, modelOf(empty?.hash ?? '#'));
    expect(summaryOf(shown, 1)).toMatch(/^Result of head 2: query 1 receives .*; 1 more below\./);
    const preset = PRESETS.find(({ name }) => name === 'An empty row');
    const [second] = computeModel(
      engine,
      preset ? usePreset(preset)(DEFAULT_MODEL) : DEFAULT_MODEL,
    );
    expect(summaryOf(second, null)).toContain('query 2 sees no key and receives 0.0000, 0.0000');
  });

  test('the options in force', () => {
    const words = (fields: string) => optionsInForce(modelOf(`#qkv=1&${fields}`).options);
    expect(words('step=1')).toEqual([]);
    expect(words('causal=1&left=0&mask=10&scale=1&softcap=2')).toEqual([
      ...['causal mask', 'window', 'mask drawn by hand', 'scores not divided', 'softcap 2'],
    ]);
    expect(words('right=1&scale=2.5')).toEqual(['window', 'scores divided by 2.5']);
  });
});

describe('each preset shows what it says', () => {
  const open = (wanted: string) => {
    const preset = PRESETS.find(({ name }) => name === wanted);
    if (!preset) throw new Error(`no preset ${wanted}`);
    return computeModel(engine, usePreset(preset)(DEFAULT_MODEL));
  };

  test('the article’s example', () => {
    const [{ weights }] = open('The article’s example');
    expect(weights.at(0, 1)).toBeGreaterThan(0.99);
  });

  test('identity: each query prefers its key, and not by much', () => {
    const [{ weights }] = open('Identity');
    for (const i of [0, 1, 2]) {
      expect(weights.at(i, i)).toBe(Math.max(...rowsOf(weights)[i]));
      expect(weights.at(i, i)).toBeLessThan(0.5);
    }
  });

  test('one-hot keys: a row, and the mean of two', () => {
    const [{ output }] = open('One-hot keys');
    expect(output.at(0, 0)).toBeCloseTo(20, 3);
    expect(output.at(1, 1)).toBeCloseTo(2, 3);
  });

  test('long causal: ten tokens, the first has no choice', () => {
    const [{ weights, masked }] = open('Long causal');
    expect(weights.rows).toBe(10);
    expect(weights.at(0, 0)).toBe(1);
    expect(masked.at(0, 9)).toBe(-Infinity);
    expect(masked.at(9, 0)).not.toBe(-Infinity);
  });

  test('grouped heads: four of queries, two of keys', () => {
    const heads = open('Grouped heads');
    expect(heads).toHaveLength(4);
    expect(heads[0].inputs.k).toEqual(heads[1].inputs.k);
    expect(heads[2].inputs.k).toEqual(heads[3].inputs.k);
    expect(heads[0].inputs.k).not.toEqual(heads[2].inputs.k);
  });

  test('an empty row: zeros', () => {
    const [{ weightSum, output }] = open('An empty row');
    expect([weightSum.at(1, 0), output.at(1, 0), output.at(1, 1)]).toEqual([0, 0, 0]);
    expect(weightSum.at(0, 0)).toBeCloseTo(1, 6);
  });
});
