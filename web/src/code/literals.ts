import type { Matrix } from '../numbers/matrix.ts';
import { indices } from '../numbers/matrix.ts';
import { DIGITS, formatFixed } from '../numbers/numberFormat.ts';
import type { InputName } from '../state/cells.ts';
import type { Computation } from '../state/computation.ts';
import type { Model } from '../state/model.ts';

const WIDTH = 76;
const NUMBERS_SHOWN = 8;

/** Nested arrays, written the same in JavaScript and Python: a matrix, or one for each of several heads. */
export function arrayLiteral(model: Model, name: InputName): string {
  return nested(model.q.length === 1 ? model[name][0] : model[name], '');
}

/** On one line if it fits, otherwise one element on each line. */
export function nested(value: unknown, indent: string): string {
  if (!Array.isArray(value)) return String(value);
  const line = `[${value.map((element) => nested(element, '')).join(', ')}]`;
  const fits = indent.length + line.length <= WIDTH && !line.includes('\n');
  if (fits || !value.some(Array.isArray)) return line;
  const deeper = `${indent}  `;
  return `[\n${value.map((element) => `${deeper}${nested(element, deeper)},\n`).join('')}${indent}]`;
}

/** The first numbers of a result, printed as on the page, for a comment. */
export function printed(heads: readonly Computation[], name: 'weights' | 'output'): string {
  const digits = name === 'weights' ? DIGITS.weight : DIGITS.output;
  const numbers = heads.flatMap((head) => numbersOf(head[name]));
  const texts = numbers.slice(0, NUMBERS_SHOWN).map((value) => formatFixed(value, digits));
  return texts.join(', ').replaceAll('\u2212', '-') + (numbers.length > NUMBERS_SHOWN ? ', …' : '');
}

function numbersOf(matrix: Matrix): number[] {
  return indices(matrix.rows).flatMap((row) =>
    indices(matrix.columns).map((column) => matrix.at(row, column)),
  );
}
