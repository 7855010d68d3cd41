import { describe, expect, test } from 'vitest';
import { matrixFromRows } from '../../web/src/numbers/matrix.ts';
import {
  changeOf,
  kindOfWeights,
  nearest,
  weightsWithoutKeys,
} from '../../web/src/state/judgements.ts';
import { engine } from './open.ts';

describe('the answers to the page’s questions', () => {
  test.each([
    [0.1, 0.2, 0],
    [0.2, 0.2, 1],
    [0.2, 0.2000004, 1],
    [0.2, 0.1, 2],
  ])('from %f to %f, as the printed digits show it', (before, after, answer) => {
    expect(changeOf(before, after, 6)).toBe(answer);
  });

  test('the nearest of some numbers', () => {
    expect([0.9, 2.4, 2.6, 99].map((value) => nearest(value, [1, 4, 16]))).toEqual([0, 0, 1, 2]);
  });

  test('kinds of weights', () => {
    const kind = (row: number[]) => kindOfWeights(matrixFromRows([row]), 0);
    expect(kind([0.5, 0.5])).toBe(0);
    expect(kind([0.5, Number.NaN])).toBe(1);
    expect(kind([0, 0])).toBe(2);
    expect(kind([0.4, 0.6])).toBe(-1);
  });

  test('without keys the engine gives weights of 0', () => {
    expect(kindOfWeights(weightsWithoutKeys(engine), 0)).toBe(2);
  });
});
