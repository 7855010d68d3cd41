// The figures of the later sections that need no worker, mounted in a simulated document.

import { mount } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import DepthExperiment from '../../web/src/scaling/DepthExperiment.svelte';
import OverflowExperiment from '../../web/src/scaling/OverflowExperiment.svelte';
import { drawVectors, POWERS, scoreWalks, weigh } from '../../web/src/scaling/scoreWalks.ts';
import { naiveSoftmax, stableSoftmax } from '../../web/src/scaling/softmaxTwice.ts';
import BenchmarkResults from '../../web/src/speed/BenchmarkResults.svelte';
import { CONTINUED } from '../../web/src/speed/continuedExample.ts';
import { onlineSoftmax } from '../../web/src/speed/onlineSoftmax.ts';
import TilesFigure from '../../web/src/speed/TilesFigure.svelte';
import { expectPrinted } from './expectPrinted.ts';
import { oneLine, press, rowsOf, tableNamed, type } from './mounted.ts';
import { engine } from './open.ts';

let figure: HTMLElement;
beforeEach(() => {
  figure = document.createElement('div');
  document.body.append(figure);
});
afterEach(() => figure.remove());

const field = (name: string) => {
  const input = [...figure.querySelectorAll('input')].find((node) =>
    (node.getAttribute('aria-label') ?? oneLine(node.labels?.[0] ?? node)).startsWith(name),
  );
  if (!input) throw new Error(`no field ${name}`);
  return input;
};

const problemOf = (input: HTMLInputElement) =>
  document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent ?? '';

describe('why scores are divided', () => {
  beforeEach(() => mount(DepthExperiment, { target: figure, props: { engine } }));

  function expectSpreads(seed: number): void {
    const walks = scoreWalks(engine, drawVectors(seed));
    const rows = rowsOf(tableNamed(figure, /How far the scores spread/));
    expect(rows.map(([depth]) => Number(depth))).toEqual([...POWERS]);
    for (const [depth, root, raw, scaled] of rows) {
      const walk = walks.find((each) => each.depth === Number(depth));
      expectPrinted(root, Math.sqrt(Number(depth)), `root of ${depth}`);
      expectPrinted(raw, walk?.rawSpread ?? Number.NaN, `spread at ${depth}`);
      expectPrinted(scaled, walk?.scaledSpread ?? Number.NaN, `divided spread at ${depth}`);
    }
  }

  test('the tables print the scores and weights of the chosen depth', () => {
    expectSpreads(40);
    const vectors = drawVectors(40);
    for (const [index, depth] of POWERS.entries()) {
      type(field('depth'), String(index));
      expect(field('depth').getAttribute('aria-valuetext')).toBe(String(depth));
      for (const [caption, scale] of [
        [/scores as they are/, 1],
        [/divided by the root/, undefined],
      ] as const) {
        const { scores, weights } = weigh(engine, vectors, depth, scale);
        const table = tableNamed(figure, caption);
        for (const [key, cells] of rowsOf(table).entries()) {
          expectPrinted(cells[1], scores[key], `score of key ${key + 1}`);
          expectPrinted(cells[2], weights[key], `weight of key ${key + 1}`);
        }
        expect(rowsOf(table, 'tfoot')[0][1]).toBe('1.000000');
      }
    }
  });

  test('another seed draws other vectors; what is none is refused', () => {
    const seed = field('seed of the vectors');
    type(seed, '123456');
    expectSpreads(123456);
    seed.dispatchEvent(new Event('blur'));
    press(figure, 'Draw again');
    expect(seed.value).toBe('123457');
    expectSpreads(123457);
    for (const text of ['', '1,5', '0x10', '1e999', '-1', '2.5', '1000000', 'seven']) {
      type(seed, text);
      expect(seed.getAttribute('aria-invalid'), text).toBe('true');
      expect(problemOf(seed), text).toMatch(/\w/);
      expectSpreads(123457);
    }
    type(seed, ' 3e1 ');
    expect(seed.getAttribute('aria-invalid')).toBeNull();
    expectSpreads(30);
  });

  test('the question is answered with numbers of the table', () => {
    press(figure, 'Sixteen times');
    const answer = oneLine(figure.querySelector('.answer:not([aria-hidden])') as Element);
    expect(answer).toMatch(/^No: Four times\./);
    const rows = rowsOf(tableNamed(figure, /How far the scores spread/));
    for (const depth of ['64', '1024'])
      expect(answer).toContain(rows.find(([first]) => first === depth)?.[2] ?? 'none');
    press(figure, 'Four times');
    expect(oneLine(figure.querySelector('.answer:not([aria-hidden])') as Element)).toMatch(
      /^Yes\./,
    );
  });
});

describe('why the maximum is subtracted', () => {
  beforeEach(() => mount(OverflowExperiment, { target: figure, props: { engine } }));
  const naiveRows = () => rowsOf(tableNamed(figure, /^Nothing subtracted/));
  const stableRows = () => rowsOf(tableNamed(figure, /^The maximum subtracted/));

  function expectTables(scores: number[]): void {
    const [naive, stable] = [naiveSoftmax(scores), stableSoftmax(engine, scores)];
    const expectNumber = (text: string, value: number, name: string) => {
      if (Number.isNaN(value)) expect(text, name).toBe('NaN');
      else expectPrinted(text, value, name);
    };
    for (const [i, cells] of naiveRows().entries()) {
      expectPrinted(cells[0], scores[i], 'score');
      expectNumber(cells[1], naive.exponentials[i], 'exponential');
      expectNumber(cells[2], naive.weights[i], 'weight');
    }
    for (const [i, cells] of stableRows().entries()) {
      expectPrinted(cells[1], stable.shifted[i], 'less the maximum', 1e-5);
      expectNumber(cells[2], stable.exponentials[i], 'exponential');
      expectNumber(cells[3], stable.weights[i], 'weight');
    }
    const sum = rowsOf(tableNamed(figure, /^Nothing subtracted/), 'tfoot')[0][1];
    expectNumber(sum, naive.sum, 'sum');
  }

  test.each([
    ['1, 2, 3', [1, 2, 3], /same weights/],
    ['100, 999, 1000', [100, 999, 1000], /∞ ÷ ∞/],
    ['−200, −201, −202', [-200, -201, -202], /0 ÷ 0/],
  ])('%s', (label, scores, verdict) => {
    press(figure, label);
    expectTables(scores);
    expect(oneLine(figure.querySelector('.verdict') as Element)).toMatch(verdict);
  });

  test('scores of one’s own; what is none is refused, and the last good ones stay', () => {
    for (const [i, text] of ['4', '5', '-7'].entries()) type(field(`score ${i + 1}`), text);
    expectTables([4, 5, -7]);
    for (const text of ['', '1,5', '0x10', '1e999', 'NaN', 'alert(1)']) {
      type(field('score 2'), text);
      expect(field('score 2').getAttribute('aria-invalid')).toBe('true');
      expect(problemOf(field('score 2'))).toMatch(/Score 2: .*last good scores stay/);
      expectTables([4, 5, -7]);
    }
    expect(oneLine(figure)).toContain('3.403e38');
    expect(oneLine(figure)).toContain('88.72');
  });
});

describe('a tile at a time', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    mount(TilesFigure, { target: figure, props: { engine } });
  });
  afterEach(() => vi.useRealTimers());
  const story = () => oneLine(figure.querySelector('.story') as Element);
  const button = (name: string) =>
    [...figure.querySelectorAll('nav button')].find((node) => oneLine(node) === name);

  test.each([1, 2, 4])('the tables print every number, %i keys a tile', (width) => {
    press(figure, String(width));
    const { steps, direct } = onlineSoftmax(engine, CONTINUED, width);
    for (const step of steps) {
      press(figure, 'Next tile');
      const read = rowsOf(tableNamed(figure, /^The keys, tile by tile/)).filter(
        (cells) => cells.length === 5,
      );
      expect(read).toHaveLength(width);
      for (const [i, cells] of read.entries()) {
        expectPrinted(cells[3], step.scores[i], 'score');
        expectPrinted(cells[4], step.exponentials[i], 'exponential');
      }
      const [max, sum, ...mixed] = rowsOf(tableNamed(figure, /^All that is kept/));
      const { before, after } = step;
      expectPrinted(max[1], before.max, 'maximum before');
      expectPrinted(max[4], after.max, 'maximum');
      for (const [i, number] of [before.sum, step.factor, step.tileSum, after.sum].entries())
        expectPrinted(sum[i + 1], number, `sum ${i}`);
      for (const [c, cells] of mixed.entries())
        for (const [i, number] of [
          before.mixed[c],
          step.factor,
          step.tileMixed[c],
          after.mixed[c],
        ].entries())
          expectPrinted(cells[i + 1], number, `mixed ${c}, ${i}`);
      const output = oneLine(figure.querySelector('.output') as Element).split(', ');
      for (const [c, text] of output.entries()) expectPrinted(text, after.output[c], 'output');
    }
    expect(button('Next tile')?.getAttribute('aria-disabled')).toBe('true');
    const [soFar, atOnce] = [...figure.querySelectorAll('.kept p b')].map(oneLine);
    expect(soFar).toBe(atOnce);
    expectPrinted(atOnce.split(', ')[0], direct[0], 'all at once');
  });

  test('goes back as it came', () => {
    const heard: string[] = [];
    for (let i = 0; i < 4; i++) {
      heard.push(story());
      press(figure, 'Next tile');
    }
    for (const text of heard.reverse()) {
      press(figure, 'Previous tile');
      expect(story()).toBe(text);
    }
    expect(button('Previous tile')?.getAttribute('aria-disabled')).toBe('true');
  });

  test('plays to the end by itself, and can be paused', async () => {
    press(figure, 'Play');
    await vi.advanceTimersByTimeAsync(2000);
    expect(story()).toContain('Tile 1 of 4');
    press(figure, 'Pause');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(story()).toContain('Tile 1 of 4');
    press(figure, 'Play');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(story()).toContain('Tile 4 of 4');
    expect(button('Play')).toBeDefined();
    press(figure, 'Play');
    await vi.advanceTimersByTimeAsync(2000);
    expect(story(), 'from the beginning').toContain('Tile 1 of 4');
  });
});

test('what was measured: time, speed, ratio, error, and who is missing', () => {
  const measured = [
    { contender: 'plain', milliseconds: 30, gflops: 0.5, error: 1.234567e-8, workers: 1 },
    { contender: 'simd', milliseconds: 1.5, gflops: 10, error: 4e-7, workers: 1 },
    { contender: 'pool', milliseconds: 0.75, gflops: 20, error: 4e-7, workers: 2 },
  ] as const;
  const missing = [{ contender: 'scalar', reason: 'status 404' }] as const;
  mount(BenchmarkResults, { target: figure, props: { measured, missing, variant: 'simd' } });
  expect(rowsOf(tableNamed(figure, /^Time of one call/))).toEqual([
    ['plain JavaScript', '30.000', '0.50', '1.0', '1.23e−8'],
    ['scalar', 'status 404'],
    ['SIMD computed this page', '1.500', '10.00', '20.0', '4e−7'],
    ['relaxed SIMD', 'not measured yet'],
    ['pool of 2 workers', '0.750', '20.00', '40.0', '4e−7'],
  ]);
  const bars = [...figure.querySelectorAll<HTMLElement>('li .bar span')];
  expect(bars.map((node) => Number(node.style.getPropertyValue('--length')))).toEqual([
    ...[0.025, 0, 0.5, 0, 1],
  ]);
});
