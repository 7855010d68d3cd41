import type { Matrix } from '../numbers/matrix.ts';
import { DIGITS, formatFixed, formatShort } from '../numbers/numberFormat.ts';
import type { Computation } from '../state/computation.ts';

/** A matrix that can be saved as a file: an input or a stage of the formula, of one head. */
export interface Table {
  /** The name in file names and in JSON. */
  readonly id: string;
  readonly title: string;
  readonly rows: 'q' | 'k' | 'v';
  /** null: columns have only numbers. */
  readonly columns: 'k' | null;
  readonly of: (head: Computation) => Matrix;
  readonly format: (value: number) => string;
  /** Its numbers are between 0 and 1, and pictures show them in colour. */
  readonly isWeight?: boolean;
}

const score = (value: number) => formatFixed(value, DIGITS.score);
const weight = (value: number) => formatFixed(value, DIGITS.weight);
const output = (value: number) => formatFixed(value, DIGITS.output);

export const RESULTS: readonly Table[] = [
  {
    id: 'weights',
    title: 'Weights',
    rows: 'q',
    columns: 'k',
    of: ({ weights }) => weights,
    format: weight,
    isWeight: true,
  },
  {
    id: 'output',
    title: 'Output',
    rows: 'q',
    columns: null,
    of: ({ output }) => output,
    format: output,
  },
  {
    id: 'scores',
    title: 'Scores: Q times K transposed',
    rows: 'q',
    columns: 'k',
    of: ({ products }) => products,
    format: formatShort,
  },
  {
    id: 'scaled',
    title: 'Scaled scores',
    rows: 'q',
    columns: 'k',
    of: ({ scaled }) => scaled,
    format: score,
  },
  {
    id: 'masked',
    title: 'Logits: scores after softcap and masks',
    rows: 'q',
    columns: 'k',
    of: ({ masked }) => masked,
    format: score,
  },
  {
    id: 'exponentials',
    title: 'Exponentials',
    rows: 'q',
    columns: 'k',
    of: ({ exponentials }) => exponentials,
    format: weight,
  },
];

const INPUTS: readonly Table[] = [
  { id: 'q', title: 'Q, queries', rows: 'q', columns: null, of: ({ q }) => q, format: formatShort },
  { id: 'k', title: 'K, keys', rows: 'k', columns: null, of: ({ k }) => k, format: formatShort },
  { id: 'v', title: 'V, values', rows: 'v', columns: null, of: ({ v }) => v, format: formatShort },
];

export const TABLES: readonly Table[] = [...RESULTS, ...INPUTS];
