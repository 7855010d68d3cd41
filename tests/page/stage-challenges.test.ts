// The tasks of section 1, judged by the engine.

import { describe, expect, test } from 'vitest';
import { CHALLENGES, countsWith } from '../../web/src/stage/challenges.ts';
import { timeOf } from '../../web/src/stage/ownTime.ts';
import { compute } from '../../web/src/state/computation.ts';
import { DEFAULT_MODEL, PLAIN } from '../../web/src/state/model.ts';
import { engine } from './open.ts';

const [undecided, article] = CHALLENGES;

function shownFor(query: readonly number[], { k, v } = DEFAULT_MODEL) {
  const [computation] = compute(engine, { q: [[query]], k, v });
  return computation;
}

describe('undecided', () => {
  test.each([
    [[1, -1], true],
    [[0.3, -0.3], true],
    [[0, 0], true],
    [[1, -0.9], false],
    [[3, 4], false],
  ])('%j: %s', (query, wanted) => {
    expect(undecided.isDone(shownFor(query), 0)).toBe(wanted);
  });

  test('(1, −1) gives (8, 9), and is what “Show me” shows', () => {
    const { output, weights } = shownFor([1, -1]);
    expect([output.at(0, 0), output.at(0, 1), weights.at(0, 0)]).toEqual([8, 9, 0.5]);
    expect(undecided.solve(shownFor([3, 4]))).toEqual([1, -1]);
  });
});

describe('0.2 and 0.8', () => {
  test.each([
    [[0.84, 1.12], true], // 28% of (3, 4)
    [[1, 1], true], // 0.1956, 0.8044
    [[0.8, 1.1], false], // 0.2069, 0.7931
    [[0.9, 1.2], false],
    [[3, 4], false],
  ])('%j: %s', (query, wanted) => {
    expect(article.isDone(shownFor(query), 0)).toBe(wanted);
  });

  test('the article’s query has to be 28% as long', () => {
    const solution = article.solve(shownFor([3, 4])) ?? [];
    expect(solution[0] / 3).toBeCloseTo(0.28, 2);
    expect(article.isDone(shownFor(solution), 0)).toBe(true);
  });

  test('no length of the query does it when the first key fits as well or better', () => {
    expect(article.solve(shownFor([1, -1]))).toBeNull();
    expect(article.solve(shownFor([-3, -4]))).toBeNull();
  });

  test('needs two keys: a third one of weight 0 is one too many', () => {
    const { k, v } = DEFAULT_MODEL;
    const three = { ...DEFAULT_MODEL, k: [[...k[0], [-99, -99]]], v: [[...v[0], [0, 0]]] };
    const shown = shownFor([0.84, 1.12], three);
    expect(shown.weights.at(0, 1)).toBeCloseTo(0.8, 3);
    expect(article.isDone(shown, 0)).toBe(false);
  });
});

test('options do not count', () => {
  expect(countsWith(PLAIN)).toBe(true);
  for (const option of [{ scale: 5.0494 }, { softcap: 2 }, { causal: true }])
    expect(countsWith({ ...PLAIN, ...option })).toBe(false);
});

test('the time of an example is the mean of as many calls as the clock needs', () => {
  let calls = 0;
  const counting = { attend: () => calls++ } as unknown as typeof engine;
  // A clock of tenths of milliseconds, where a call takes 0.01 ms.
  const clock = () => Math.floor(calls * 0.1) / 10;
  expect(timeOf(counting, DEFAULT_MODEL, clock)).toBeCloseTo(0.01, 3);
  expect(timeOf(engine, DEFAULT_MODEL)).toBeGreaterThan(0);
});
