// The four moves as data: which numbers are known when, and how a moment is counted.

import { describe, expect, test } from 'vitest';
import {
  beatAt,
  beatsAfter,
  growthOf,
  isKnown,
  knowledgeOf,
  msUntil,
  nextStop,
} from '../../web/src/stage/moment.ts';
import { lengthOf, type Plot, type Spot, storyOf } from '../../web/src/stage/story.ts';

const ARTICLE: Plot = { query: 0, keys: 2, depth: 2, width: 2, logits: 'scaled' };
const story = storyOf(ARTICLE);
const knowledge = knowledgeOf(story);

test('all four moves of the article take about 20 seconds', () => {
  const seconds = story.map((move) => lengthOf(move) / 1000);
  const all = seconds.reduce((sum, of) => sum + of, 0);
  expect(all).toBeGreaterThan(18);
  expect(all).toBeLessThan(22);
});

test.each([1, 3, 12])('with %i keys of 12 columns no move is longer than 7.5 seconds', (keys) => {
  for (const move of storyOf({ ...ARTICLE, keys, depth: 12, width: 12, logits: 'masked' })) {
    expect(lengthOf(move)).toBeLessThanOrEqual(7500.001);
    expect(move.length).toBeGreaterThan(0);
    expect(move.length, 'the link can hold it').toBeLessThan(200);
  }
});

test('numbers meet, products appear, join, and are kept, for one key and then the next', () => {
  const [matching] = story;
  expect(matching).toHaveLength(8);
  expect(matching[0].shows).toEqual(['row0 q:0:0', 'row0 k:0:0', 'row0 q:0:1', 'row0 k:0:1']);
  expect(matching[1].shows).toEqual(['row1 terms:0:0:0', 'row1 terms:0:0:1']);
  expect(matching[2].flights.map(({ number, to }) => [number, to])).toEqual([
    ['terms:0:0:0', 'row2 products:0:0'],
    ['terms:0:0:1', 'row2 products:0:0'],
  ]);
  expect(matching[3].shows).toEqual(['cell products:0:0']);
  expect(matching.map(({ key }) => key)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
});

describe.each([1, 2, 5])('with %i keys', (keys) => {
  const plot: Plot = { query: 0, keys, depth: 3, width: 2, logits: 'masked' };
  const moves = storyOf(plot);
  const known = knowledgeOf(moves);

  test('a number takes off only where it is known, and each result is shown once', () => {
    const shown: string[] = [];
    for (const [step, move] of moves.entries()) {
      for (const [index, { flights, shows }] of move.entries()) {
        for (const { from } of flights)
          expect(isKnown(known, from, { step, at: index }), `${step} ${index} ${from}`).toBe(true);
        shown.push(...shows.filter((spot) => spot.startsWith('cell')));
      }
    }
    expect(new Set(shown).size).toBe(shown.length);
    const cells = (name: string) => shown.filter((spot) => spot.startsWith(`cell ${name}:`)).length;
    for (const name of ['products', 'scaled', 'masked', 'exponentials', 'weights'])
      expect(cells(name), name).toBe(keys);
    for (const name of ['rowMax', 'rowSum', 'weightSum']) expect(cells(name), name).toBe(1);
    expect(cells('output')).toBe(2);
  });
});

test.each<[Spot, number, number, boolean]>([
  ['cell q:0:0', 0, 0, true],
  ['cell products:0:0', 0, 3.99, false],
  ['cell products:0:0', 0, 4, true],
  ['cell products:0:1', 0, 4, false],
  ['cell weights:0:0', 1, 6, false],
  ['cell weights:0:1', 3, 0, true],
  ['row0 scaled:0:0', 2, 0, false],
  ['row0 scaled:0:0', 2, 1, true],
])('%s in step %i after %d beats: known %s', (spot, step, at, wanted) => {
  expect(isKnown(knowledge, spot, { step, at })).toBe(wanted);
});

test('a bar grows while its weight is kept', () => {
  const softmax = story[2];
  const kept = softmax.findIndex(({ shows }) => shows.includes('cell weights:0:0'));
  const growth = (step: number, at: number) => growthOf(knowledge, 'weights:0:0', { step, at });
  expect([growth(1, 6), growth(2, kept), growth(2, kept + 0.25), growth(2, kept + 1)]).toEqual([
    0, 0, 0.25, 1,
  ]);
  expect(growth(3, 0)).toBe(1);
});

describe('a moment', () => {
  const move = story[2];

  test('is counted in beats or in milliseconds', () => {
    for (const at of [0, 0.25, 1, 3.5, move.length - 0.5, move.length])
      expect(beatsAfter(move, msUntil(move, at))).toBeCloseTo(at, 9);
    expect(msUntil(move, move.length)).toBeCloseTo(lengthOf(move), 6);
    expect(beatsAfter(move, 1e9)).toBe(move.length);
  });

  test('belongs to the beat that is under way or ends', () => {
    expect(beatAt(move, 0)).toEqual({ beat: move[0], passed: 0 });
    expect(beatAt(move, 0.5)).toEqual({ beat: move[0], passed: 0.5 });
    expect(beatAt(move, 2)).toEqual({ beat: move[1], passed: 1 });
    expect(beatAt(move, move.length)).toEqual({ beat: move.at(-1), passed: 1 });
  });

  test('single steps go over the border of two moves and stop at the ends', () => {
    const last = story[0].length;
    expect(nextStop(story, { step: 0, at: 2 }, 1)).toEqual({ step: 0, at: 3 });
    expect(nextStop(story, { step: 0, at: 2.4 }, 1)).toEqual({ step: 0, at: 3 });
    expect(nextStop(story, { step: 0, at: 2.4 }, -1)).toEqual({ step: 0, at: 2 });
    expect(nextStop(story, { step: 0, at: last }, 1)).toEqual({ step: 1, at: 1 });
    expect(nextStop(story, { step: 1, at: 1 }, -1)).toEqual({ step: 0, at: last });
    expect(nextStop(story, { step: 1, at: 0 }, -1)).toEqual({ step: 0, at: last - 1 });
    expect(nextStop(story, { step: 0, at: 0 }, -1)).toBeNull();
    expect(nextStop(story, { step: 3, at: story[3].length }, 1)).toBeNull();
  });
});
