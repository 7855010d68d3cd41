import { describe, QkvError } from '../errors.js';
import type { AttentionOptions, Captured, CreateOptions } from '../types.js';
import { typeOfArray } from './tensors.js';

export const ATTENTION_OPTIONS = [
  'scale',
  'isCausal',
  'queryOffset',
  'window',
  'mask',
  'bias',
  'alibiSlopes',
  'softcap',
  'sinks',
  'keyLengths',
  'layout',
  'capture',
  'out',
] as const satisfies readonly (keyof AttentionOptions)[];
export const CREATE_OPTIONS = [
  'variant',
  'deterministic',
  'wasm',
  'maxMemory',
  'signal',
  'timeout',
] as const satisfies readonly (keyof CreateOptions)[];
export const CAPTURED = [
  'scoresRaw',
  'scoresCapped',
  'scoresMasked',
  'weights',
  'logSumExp',
] as const satisfies readonly Captured[];

export type Raw<Name extends string> = { readonly [K in Name]?: unknown };

export function readAttentionOptions(options: unknown): Raw<(typeof ATTENTION_OPTIONS)[number]> {
  return readOwn('options', options, ATTENTION_OPTIONS);
}

export function readCreateOptions(options: unknown): Raw<(typeof CREATE_OPTIONS)[number]> {
  return readOwn('options', options, CREATE_OPTIONS);
}

/** What is read where no options were given. */
export const NONE: object = Object.freeze(Object.create(null));

/** Own properties only, each read once; what is undefined counts as not given. */
export function readOwn<Name extends string>(
  argument: string,
  options: unknown,
  known: readonly Name[],
): Raw<Name> {
  if (options === undefined) return NONE;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new QkvError('ERR_TYPE', {
      argument,
      expected: 'an object',
      received: describe(options),
    });
  }
  let read: Partial<Record<Name, unknown>> | undefined;
  for (const name of Object.keys(options)) {
    if (!known.includes(name as Name)) {
      throw new QkvError('ERR_OPTION', {
        argument: `${argument}.${name}`,
        expected: `one of ${known.join(', ')}`,
        received: 'an option that does not exist',
        fix: `Did you mean '${nearest(name, known)}'?`,
      });
    }
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) continue;
    // Without a prototype, so that nothing is inherited when it is read.
    read ??= Object.create(null) as Partial<Record<Name, unknown>>;
    read[name as Name] = value;
  }
  return read ?? NONE;
}

export function nearest(name: string, known: readonly string[]): string {
  const begun = known.find((k) => k.toLowerCase().startsWith(name.toLowerCase()));
  if (begun !== undefined) return begun;
  const distances = known.map((k) => editDistance(name.toLowerCase(), k.toLowerCase()));
  return known[distances.indexOf(Math.min(...distances))] as string;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; ++i) {
    const next = [i];
    for (let j = 1; j <= b.length; ++j) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

export function asFinite(argument: string, value: unknown): number {
  if (typeof value !== 'number') {
    throw new QkvError('ERR_TYPE', { argument, expected: 'a number', received: describe(value) });
  }
  if (!Number.isFinite(value) || !Number.isFinite(Math.fround(value))) {
    throw new QkvError('ERR_VALUE', {
      argument,
      expected: 'a finite float32',
      received: describe(value),
    });
  }
  return value;
}

export function asInteger(argument: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number') {
    throw new QkvError('ERR_TYPE', { argument, expected: 'a number', received: describe(value) });
  }
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new QkvError('ERR_VALUE', {
      argument,
      expected: `an integer from ${least} to ${most}`,
      received: describe(value),
    });
  }
  return value;
}

export function asBoolean(argument: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new QkvError('ERR_TYPE', {
    argument,
    expected: 'true or false',
    received: describe(value),
  });
}

export function asOneOf<Name extends string>(
  argument: string,
  value: unknown,
  names: readonly Name[],
): Name {
  if (names.includes(value as Name)) return value as Name;
  const expected = names.map((name) => `'${name}'`).join(', ');
  throw new QkvError(typeof value === 'string' ? 'ERR_OPTION' : 'ERR_TYPE', {
    argument,
    expected: `one of ${expected}`,
    received: describe(value),
    ...(typeof value === 'string' && { fix: `Did you mean '${nearest(value, names)}'?` }),
  });
}

/** A short list of numbers, copied, each checked. */
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

export function asCaptures(value: unknown): ReadonlySet<Captured> {
  if (!Array.isArray(value)) {
    throw new QkvError('ERR_TYPE', {
      argument: 'capture',
      expected: `an array of ${CAPTURED.join(', ')}`,
      received: describe(value),
    });
  }
  return new Set(Array.from(value, (name, i) => asOneOf(`capture[${i}]`, name, CAPTURED)));
}
