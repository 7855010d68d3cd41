// The pictures of the stage: planes, hull, shadows, bars. Expected values by hand.

import { describe, expect, test } from 'vitest';
import { axisOf, segmentsOf } from '../../web/src/stage/bars.ts';
import {
  footOf,
  hullOf,
  isInside,
  meanOf,
  moved,
  type Point,
  settledView,
  snap,
  stepOf,
  viewOf,
} from '../../web/src/stage/geometry.ts';
import { drawingOf, headOf, SIDE } from '../../web/src/stage/plane.ts';
import { projectionOf } from '../../web/src/stage/projection.ts';
import { engine } from './open.ts';

const ARROWS: Point[] = [
  [0, 0],
  [3, 4],
  [1, 2],
  [2, 3],
];

describe('the view', () => {
  test('holds the points and room to drag: (1, −1) is in the article’s view', () => {
    const view = viewOf(ARROWS);
    for (const point of [...ARROWS, [1, -1] as Point]) expect(isInside(view, point)).toBe(true);
    expect(stepOf(view)).toBeCloseTo(0.1, 12);
  });

  test('stays while the points are in it, and follows when one leaves or all shrink', () => {
    const view = viewOf(ARROWS);
    expect(
      settledView(view, [
        [0, 0],
        [1, -1],
        [1, 2],
      ]),
    ).toBe(view);
    const far = settledView(view, [...ARROWS, [40, 4]]);
    expect(isInside(far, [40, 4])).toBe(true);
    expect(
      settledView(view, [
        [0, 0],
        [0.01, 0.02],
      ]).size,
    ).toBeLessThan(0.1);
  });

  test.each<[string, Point[]]>([
    ['one point', [[7, 8]]],
    [
      'equal points',
      [
        [1e-9, 1e-9],
        [1e-9, 1e-9],
      ],
    ],
    [
      'large points',
      [
        [-1e30, 0],
        [1e30, 3],
      ],
    ],
    ['no point', []],
    [
      'an overflow',
      [
        [Number.POSITIVE_INFINITY, 1],
        [1, 2],
      ],
    ],
  ])('is a square for %s', (_, points) => {
    const view = viewOf(points);
    expect(view.size).toBeGreaterThan(0);
    expect([view.x, view.y, view.size].every(Number.isFinite)).toBe(true);
  });

  test('drawing and back', () => {
    const view = viewOf(ARROWS);
    const { place, pointAt } = drawingOf(view);
    expect(place([view.x, view.y])).toEqual([0, SIDE]);
    const [x, y] = pointAt(place([3, 4]));
    expect([x, y].map((value) => value.toFixed(9))).toEqual(['3.000000000', '4.000000000']);
  });
});

describe('a point', () => {
  const view = viewOf(ARROWS);

  test('snaps to whole steps and stays in the view', () => {
    expect(snap([0.8449, 1.1199], view)).toEqual([0.8, 1.1]);
    expect(snap([-0.04, 2.96], view)).toEqual([0, 3]);
    expect(Object.is(snap([-0.01, 0], view)[0], 0), 'no −0').toBe(true);
    expect(isInside(view, snap([1e9, -1e9], view))).toBe(true);
  });

  test('moves by arrow keys, with Shift ten times as far, without binary noise', () => {
    let point: Point = [3, 4];
    for (let i = 0; i < 7; i++) point = moved(point, 'ArrowLeft', false, view) ?? point;
    expect(point).toEqual([2.3, 4]);
    expect(moved([3, 4], 'ArrowDown', true, view)).toEqual([3, 3]);
    expect(moved([3, 4], 'ArrowUp', false, view)).toEqual([3, 4.1]);
    expect(moved([3, 4], 'Enter', false, view)).toBeNull();
  });
});

test('the hull of values: a point, a line, a polygon', () => {
  expect(hullOf([[7, 8]])).toEqual([[7, 8]]);
  expect(
    hullOf([
      [7, 8],
      [9, 10],
    ]),
  ).toEqual([
    [7, 8],
    [9, 10],
  ]);
  const flat = hullOf([
    [1, 1],
    [3, 3],
    [2, 2],
  ]);
  expect([...flat].sort(([a], [b]) => a - b)).toEqual([
    [1, 1],
    [3, 3],
  ]);
  const square = hullOf([
    [0, 0],
    [2, 0],
    [1, 1],
    [2, 2],
    [0, 2],
  ]);
  expect(square).toHaveLength(4);
  expect(square).not.toContainEqual([1, 1]);
  expect(
    meanOf([
      [7, 8],
      [9, 10],
    ]),
  ).toEqual([8, 9]);
});

test('the shadow of a key ends at a right angle', () => {
  // (1, 2) on (3, 4): 11 / 25 of it.
  expect(footOf([1, 2], [3, 4])?.map((x) => x.toFixed(6))).toEqual(['1.320000', '1.760000']);
  expect(footOf([1, 2], [0, 0])).toBeNull();
});

test('an arrow without length has no head', () => {
  expect(headOf([5, 5], [5, 5])).toBe('');
  expect(headOf([0, 0], [100, 0])).toBe('100,0 89,4.5 89,-4.5');
});

describe('the engine gives products, lengths and shadows', () => {
  test('of the article: 3 + 8 and 6 + 12; 5; 2.2 and 3.6', () => {
    const inputs = {
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
    const { terms, lengths, shadows } = projectionOf(engine, inputs);
    const products = [0, 1].map((key) => [0, 1].map((d) => terms[0].at(key, d)));
    expect(products).toEqual([
      [3, 8],
      [6, 12],
    ]);
    expect(lengths[0]).toBeCloseTo(5, 6);
    expect(shadows.at(0, 0)).toBeCloseTo(2.2, 6);
    expect(shadows.at(0, 1)).toBeCloseTo(3.6, 6);
  });

  test('of two queries in three columns, one of them without length', () => {
    const inputs = {
      q: [
        [0, 0, 0],
        [1, -2, 2],
      ],
      k: [[3, 1, -1]],
      v: [[1]],
    };
    const { terms, lengths, shadows } = projectionOf(engine, inputs);
    expect([0, 1, 2].map((d) => terms[1].at(0, d))).toEqual([3, -2, -2]);
    expect(lengths[0]).toBe(0);
    expect(lengths[1]).toBeCloseTo(3, 6);
    expect(shadows.at(0, 0)).toBeNaN();
    expect(shadows.at(1, 0)).toBeCloseTo(-1 / 3, 6);
  });
});

test('a sum as a bar: negative terms to the left', () => {
  expect(segmentsOf([3, -2, 4])).toEqual([
    { from: 0, to: 3 },
    { from: -2, to: 0 },
    { from: 3, to: 7 },
  ]);
  const axis = axisOf([[3, -2, 4]]);
  expect([axis(-2), axis(7)]).toEqual([0, 1]);
  expect(axisOf([[0]])(0)).toBe(0);
});
