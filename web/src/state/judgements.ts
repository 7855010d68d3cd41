import type { Attention } from 'qkv';
import { indices, type Matrix, matrixOf } from '../numbers/matrix.ts';

/** Answers to the page's questions, as indices of the options. Each is read from the engine's numbers. */

/** 0 it grows, 1 it stays, 2 it shrinks: as the printed digits show it. */
export function changeOf(before: number, after: number, digits: number): number {
  const difference = Number(after.toFixed(digits)) - Number(before.toFixed(digits));
  return 1 - Math.sign(difference);
}

/** The index of the candidate that is nearest to the number. */
export function nearest(value: number, candidates: readonly number[]): number {
  const distances = candidates.map((candidate) => Math.abs(candidate - value));
  return distances.indexOf(Math.min(...distances));
}

/** What kind of weights a query has: 0 all equal, 1 not a number, 2 all 0. -1 is none of these. */
export function kindOfWeights(weights: Matrix, query: number): number {
  const row = indices(weights.columns).map((key) => weights.at(query, key));
  if (row.some(Number.isNaN)) return 1;
  if (row.every((weight) => weight === 0)) return 2;
  return row.every((weight) => weight === row[0]) ? 0 : -1;
}

/** The weights of a query that sees no key. */
export function weightsWithoutKeys(engine: Attention): Matrix {
  const rows = [[1], [1]];
  const { weights } = engine.trace([[1]], rows, rows, { mask: [[false, false]] });
  return matrixOf(weights.data, 1, rows.length);
}
