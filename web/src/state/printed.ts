import { DIGITS, formatFixed, formatShort } from '../numbers/numberFormat.ts';
import type { MatrixName } from './cells.ts';

const score = (value: number) => formatFixed(value, DIGITS.score);
const weight = (value: number) => formatFixed(value, DIGITS.weight);
const output = (value: number) => formatFixed(value, DIGITS.output);

/** How the numbers of each matrix are printed, in its cells, in formulas and in files alike. */
const FORMATS: Record<MatrixName, (value: number) => string> = {
  q: formatShort,
  k: formatShort,
  v: formatShort,
  products: formatShort,
  scaled: score,
  masked: score,
  rowMax: score,
  exponentials: weight,
  rowSum: weight,
  weights: weight,
  weightSum: weight,
  contributions: output,
  output,
};

/** The number as the page prints it. A number that is not there yet has no text. */
export function printed(name: MatrixName, value: number | undefined): string {
  return value === undefined ? '' : FORMATS[name](value);
}
