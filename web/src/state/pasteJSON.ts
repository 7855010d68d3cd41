import { readValue } from '../numbers/numberGrammar.ts';
import type { InputName } from './cells.ts';
import {
  type Heads,
  INPUT_NAMES,
  LIMITS,
  type Options,
  PLAIN,
  problemOf,
  type Rows,
} from './model.ts';
import { BRACKETS, checkShape, SEVERAL_HEADS, Unreadable } from './pasteTable.ts';

export interface Whole {
  readonly matrices: Record<InputName, Heads>;
  /** Null where the text has none. */
  readonly options: Options | null;
}

/** The value of JSON; undefined where the text is none. */
export function jsonValueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** {"q": …, "k": …, "v": …, "options": …}, as the page saves it. */
export function wholeOf(value: unknown): Whole {
  if (typeof value !== 'object' || value === null) throw new Unreadable(BRACKETS);
  const [q, k, v] = INPUT_NAMES.map((name) => {
    if (!Object.hasOwn(value, name)) {
      throw new Unreadable('An object needs "q", "k" and "v", each an array of rows.');
    }
    return headsOf((value as Record<string, unknown>)[name], `"${name}"`);
  }) as [Heads, Heads, Heads];
  const given = Object.hasOwn(value, 'options')
    ? (value as { options: unknown }).options
    : undefined;
  const options = given === undefined ? null : optionsOf(given);
  const wrong = problemOf({ q, k, v, options: options ?? PLAIN, step: 0 });
  if (wrong) throw new Unreadable(wrong);
  return { matrices: { q, k, v }, options };
}

export function onlyMatrixOf(value: unknown): Rows {
  const [rows, ...others] = headsOf(value, 'the matrix');
  if (!rows || others.length > 0) throw new Unreadable(SEVERAL_HEADS);
  return rows;
}

const isBoolean = (value: unknown) => typeof value === 'boolean';
const isCount = (value: unknown) =>
  value === null || (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LIMITS.side);
const isNumber = (value: unknown, least: (value: number) => boolean) =>
  typeof value === 'number' && readValue(value).ok && least(value);

/** What each option of a file may be. */
const ALLOWED: Record<keyof Options, readonly [is: (value: unknown) => boolean, expected: string]> =
  {
    scale: [
      (value) => value === 'root' || value === 'off' || isNumber(value, (x) => x > 0),
      '"root", "off" or a positive number',
    ],
    causal: [isBoolean, 'true or false'],
    alignEnd: [isBoolean, 'true or false'],
    left: [isCount, `null or a whole number from 0 to ${LIMITS.side}`],
    right: [isCount, `null or a whole number from 0 to ${LIMITS.side}`],
    mask: [
      (value) =>
        value === null ||
        (Array.isArray(value) &&
          value.every((row) => Array.isArray(row) && row.every((cell) => isBoolean(cell)))),
      'null or rows of true and false',
    ],
    softcap: [(value) => isNumber(value, (x) => x >= 0), '0 or a positive number'],
  };

function optionsOf(given: unknown): Options {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new Unreadable('"options" must be an object.');
  }
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(ALLOWED, name)) {
      throw new Unreadable(`"options" has "${name.slice(0, 20)}", which this page does not know.`);
    }
    const [is, expected] = ALLOWED[name as keyof Options];
    if (!is(value)) throw new Unreadable(`"${name}" in "options" must be ${expected}.`);
  }
  return { ...PLAIN, ...given };
}

/** [[…], …] is one head, [[[…], …], …] several, […] a single row. */
function headsOf(value: unknown, name: string): Heads {
  if (!Array.isArray(value) || value.length === 0) {
    throw new Unreadable(`${name} must be an array of rows.`);
  }
  const heads = depthOf(value) === 3 ? value : [depthOf(value) === 1 ? [value] : value];
  if (heads.length > LIMITS.heads) throw new Unreadable(`At most ${LIMITS.heads} heads.`);
  return heads.map((rows) => rowsOf(rows, name));
}

function depthOf(value: unknown): number {
  return Array.isArray(value) ? 1 + depthOf(value[0]) : 0;
}

function rowsOf(rows: unknown, name: string): Rows {
  const isTable = Array.isArray(rows) && rows.every((row) => Array.isArray(row));
  if (!isTable) throw new Unreadable(`${name} must be an array of rows, each an array of numbers.`);
  checkShape(rows);
  for (const [i, row] of rows.entries()) {
    for (const [j, number] of row.entries()) {
      const reading =
        typeof number === 'number' ? readValue(number) : { ok: false, problem: 'Not a number.' };
      if (reading.ok) continue;
      throw new Unreadable(`Row ${i + 1}, column ${j + 1} of ${name}: ${reading.problem}`);
    }
  }
  return rows;
}
