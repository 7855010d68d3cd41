import { createAttention } from 'qkv';
import { describe, expect, test } from 'vitest';
import { type Choice, fileName, fileOf } from '../../web/src/files/fileOf.ts';
import type { Format } from '../../web/src/files/formats.ts';
import { TABLES } from '../../web/src/files/tables.ts';
import { setMatrices } from '../../web/src/state/commands.ts';
import { computeModel } from '../../web/src/state/computation.ts';
import { DEFAULT_MODEL, type Model } from '../../web/src/state/model.ts';
import { readPaste } from '../../web/src/state/paste.ts';
import { hashOf, MODELS } from './models.ts';
import { engine, modelOf } from './open.ts';

const GROUPED = modelOf(hashOf(MODELS['everything at once, grouped heads']));

function choice(model: Model, id = 'weights', head = 0, by = engine): Choice {
  const table = TABLES.find((each) => each.id === id);
  if (!table) throw new Error(`no table ${id}`);
  return { model, heads: computeModel(by, model), head, table };
}

const saved = async (format: Format, of: Choice) => (await fileOf(format, of)).text();

describe('CSV', () => {
  test('holds the float32 numbers that the engine computed', async () => {
    using simd = await createAttention({ variant: 'simd' });
    const model = modelOf(
      hashOf('q=1x2x2:-0.125,1e-3,3.25,-4&k=1x3x2:1.5,-2,0.1,7,1.3,0.3&v=1x3x1:1e-8,-123.789,0.1'),
    );
    const trace = simd.trace(model.q[0], model.k[0], model.v[0]);
    for (const [id, { data }] of [
      ['scores', trace.products],
      ['scaled', trace.scaled],
      ['weights', trace.weights],
      ['output', trace.output],
      ['exponentials', trace.exponentials],
    ] as const) {
      const rows = (await saved('CSV', choice(model, id, 0, simd))).split('\r\n');
      expect(rows.pop()).toBe('');
      expect(rows).toHaveLength(2);
      const texts = rows.flatMap((row) => row.split(','));
      expect(texts.map(Number).map(Math.fround)).toEqual([...data]);
      for (const text of texts) expect(text.length, 'no digit too many').toBeLessThanOrEqual(14);
    }
  });

  test('of the inputs', async () => {
    const of = (id: string) => saved('CSV', choice(DEFAULT_MODEL, id));
    expect([await of('q'), await of('k'), await of('v')]).toEqual([
      '3,4\r\n',
      '1,2\r\n2,3\r\n',
      '7,8\r\n9,10\r\n',
    ]);
  });

  test('of a row that is empty', async () => {
    const empty = modelOf(hashOf(MODELS['a drawn mask that leaves a row empty']));
    const masked = await saved('CSV', choice(empty, 'masked'));
    expect(masked.split('\r\n')[0]).toBe('-Infinity,-Infinity,-Infinity');
    expect(await saved('CSV', choice(empty))).toMatch(/^0,0,0\r\n0\.\d+,0,/);
  });
});

describe('JSON', () => {
  test('holds the matrices, the options and every result of every head', async () => {
    const whole = JSON.parse(await saved('JSON', choice(GROUPED)));
    expect([whole.q, whole.k, whole.v]).toEqual([GROUPED.q, GROUPED.k, GROUPED.v]);
    expect(whole.options).toEqual(GROUPED.options);
    const trace = engine.trace(whole.q, whole.k, whole.v, {
      isCausal: true,
      queryOffset: 'end',
      window: { left: 2 },
      mask: whole.options.mask,
      softcap: 2,
      scale: 1 / 3,
    });
    for (const [id, { data }] of [
      ['scores', trace.products],
      ['scaled', trace.scaled],
      ['masked', trace.masked],
      ['exponentials', trace.exponentials],
      ['weights', trace.weights],
      ['output', trace.output],
    ] as const) {
      const numbers = whole.results.flatMap((head: Record<string, unknown[][]>) => head[id].flat());
      expect(numbers.map(Number).map(Math.fround), id).toEqual([...data]);
    }
  });

  test.each(['the article', 'everything at once, grouped heads'])(
    'pasted, brings the matrices back: %s',
    async (name) => {
      const model = modelOf(hashOf(MODELS[name]));
      const pasted = readPaste(await saved('JSON', choice(model)));
      const { q, k, v } = model;
      expect(pasted).toEqual({ kind: 'all', matrices: { q, k, v } });
    },
  );

  test('of the largest matrices is short enough to be pasted', async () => {
    const heads = Array.from({ length: 8 }, (_, h) =>
      Array.from({ length: 12 }, (_, i) =>
        Array.from({ length: 12 }, (_, j) => Math.fround(Math.sin((h * 12 + i) * 12 + j))),
      ),
    );
    const model = setMatrices(DEFAULT_MODEL, { q: heads, k: heads, v: heads });
    const file = await saved('JSON', choice(model));
    expect(readPaste(file)).toEqual({ kind: 'all', matrices: { q: heads, k: heads, v: heads } });
  });
});

test('SVG is a picture of the matrix, complete in itself', async () => {
  const svg = await saved('SVG', choice(DEFAULT_MODEL));
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  expect(root.querySelector('title')?.textContent).toBe('Weights');
  const texts = [...root.querySelectorAll('text')].map((node) => node.textContent);
  expect(texts).toEqual(['Weights', 'k1', 'k2', 'q1', '0.007035', '0.992965']);
  expect(root.querySelectorAll('script, image, a, style, [href], [onload]')).toHaveLength(0);
  const squares = [...root.querySelectorAll('rect')].slice(1);
  // Cividis: dark at 0, bright at 1.
  const brightest = squares.map((node) =>
    Math.max(...[...(node.getAttribute('fill') ?? '').matchAll(/\d+/g)].map(Number)),
  );
  expect(brightest.map((channel) => channel > 120)).toEqual([false, true]);
});

test('files are named after their table, and after the head where there are several', () => {
  const article = choice(DEFAULT_MODEL, 'output');
  const names = (['PNG', 'SVG', 'CSV', 'JSON'] as const).map((format) => fileName(format, article));
  expect(names).toEqual([
    ...['attention-output.png', 'attention-output.svg', 'attention-output.csv', 'attention.json'],
  ]);
  expect(fileName('CSV', choice(GROUPED, 'weights', 2))).toBe('attention-head-3-weights.csv');
});
