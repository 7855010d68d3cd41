import { describe, QkvError } from '../errors.js';

export type Raw<Name extends string> = { readonly [K in Name]?: unknown };

/** The result of readOwn() if no options were given. */
export const NONE: object = Object.freeze(Object.create(null));

/** Reads the own properties of an options object, each once. An undefined one counts as not given. */
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
    // Without a prototype, so that reading it finds nothing inherited.
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
