import { describe, QkvError } from '../errors.js';
import { typeOfArray } from './typed-arrays.js';

/** JavaScript and the core exchange sizes, offsets and counts as int32. */
export const INT32_MIN = -(2 ** 31);
export const INT32_MAX = 2 ** 31 - 1;

/** A number, but not NaN, which the core takes for "not given". */
export function asNumber(argument: string, value: unknown): number {
  if (typeof value !== 'number') {
    throw new QkvError('ERR_TYPE', { argument, expected: 'a number', received: describe(value) });
  }
  if (Number.isNaN(value)) throw notFinite(argument, value);
  return value;
}

export function notFinite(argument: string, value: unknown): QkvError {
  return new QkvError('ERR_VALUE', {
    argument,
    expected: 'a finite float32',
    received: describe(value),
  });
}

/** Refuses a finite number that would become infinite. */
export function expectFloat32(argument: string, value: number): void {
  if (!Number.isFinite(value) || Number.isFinite(Math.fround(value))) return;
  throw notFinite(argument, value);
}

/** An integer of any size. */
export function asWhole(argument: string, value: unknown, expected = 'an integer'): number {
  if (typeof value !== 'number') {
    throw new QkvError('ERR_TYPE', { argument, expected: 'a number', received: describe(value) });
  }
  if (!Number.isInteger(value)) {
    throw new QkvError('ERR_VALUE', { argument, expected, received: describe(value) });
  }
  return value;
}

export function asInteger(
  argument: string,
  value: unknown,
  least = INT32_MIN,
  most = INT32_MAX,
): number {
  const expected = `an integer from ${least} to ${most}`;
  const whole = asWhole(argument, value, expected);
  if (whole >= least && whole <= most) return whole;
  throw new QkvError('ERR_VALUE', { argument, expected, received: describe(value) });
}

export function asBoolean(argument: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new QkvError('ERR_TYPE', {
    argument,
    expected: 'true or false',
    received: describe(value),
  });
}

/** A copy of a short list of numbers, each checked. */
export function asNumbers(
  argument: string,
  value: unknown,
  length: { readonly count: number; readonly of: string },
  check: (argument: string, value: unknown) => number,
): number[] {
  if (!Array.isArray(value) && typeOfArray(value) === undefined) {
    throw new QkvError('ERR_TYPE', {
      argument,
      expected: 'an array of numbers',
      received: describe(value),
    });
  }
  const numbers = Array.from(value as ArrayLike<unknown>);
  if (numbers.length !== length.count) {
    throw new QkvError('ERR_SHAPE', {
      argument,
      expected: `${length.count} numbers, one for each ${length.of}`,
      received: `${numbers.length}`,
    });
  }
  return numbers.map((number, i) => check(`${argument}[${i}]`, number));
}
