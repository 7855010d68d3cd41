import { type Advice, advice, describe, QkvError } from '../errors.js';

export type Raw<Name extends string> = { readonly [K in Name]?: unknown };

/** The result of readOwn() if no options were given. */
export const NONE: object = Object.freeze(Object.create(null));

/**
 * Reads the own properties of a plain object, each once. An undefined one counts as not given.
 * `adviceFor` knows unknown names.
 */
export function readOwn<Name extends string>(
  argument: string,
  options: unknown,
  known: readonly Name[],
  adviceFor?: (name: string) => Advice | undefined,
): Raw<Name> {
  if (options === undefined) return NONE;
  if (!isPlain(options)) throw notPlain(argument, options, known);
  let read: Partial<Record<Name, unknown>> | undefined;
  for (const name of Reflect.ownKeys(options)) {
    if (!known.includes(name as Name)) {
      // Frameworks hide marks of theirs in objects.
      if (!Object.prototype.propertyIsEnumerable.call(options, name)) continue;
      throw new QkvError('ERR_OPTION', {
        argument: `${argument}.${String(name)}`,
        expected: `one of ${known.join(', ')}`,
        received: 'an option that does not exist',
        fix: adviceFor?.(String(name)) ?? spellingAdvice(String(name), known),
      });
    }
    const value = (options as Record<PropertyKey, unknown>)[name];
    if (value === undefined) continue;
    // Without a prototype, so that reading it finds nothing inherited.
    read ??= Object.create(null) as Partial<Record<Name, unknown>>;
    read[name as Name] = value;
  }
  return read ?? NONE;
}

/** Advice for a misspelt name; none if no known name is near, because a guess would mislead. */
export function spellingAdvice(name: string, known: readonly string[]): Advice | undefined {
  const near = nearest(name, known);
  return near === undefined ? undefined : advice`Did you mean '${near}'?`;
}

/**
 * Whether an object inherits from nothing else than Object.prototype: everything in it is then its own.
 * Another realm, such as that of an iframe, has another Object.prototype.
 */
function isPlain(options: unknown): options is object {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return false;
  const prototype = Object.getPrototypeOf(options);
  return (
    prototype === null ||
    prototype === Object.prototype ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty'))
  );
}

function notPlain(argument: string, options: unknown, known: readonly string[]): QkvError {
  const isObject = typeof options === 'object' && options !== null;
  const inherited = isObject ? known.filter((name) => name in options) : [];
  const literal = inherited.map((name) => `${name}: ${argument}.${name}`).join(', ');
  const isMap = Object.prototype.toString.call(options) === '[object Map]';
  return new QkvError('ERR_TYPE', {
    argument,
    expected: 'a plain object, whose properties are its own',
    received: describe(options),
    ...(isMap && { fix: advice`Convert it: \`Object.fromEntries(${argument})\`.` }),
    ...(literal && { fix: advice`Give \`{ ${literal} }\`.` }),
  });
}

/** A known name that begins so, or differs in one letter, or in two of six or more. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = name.toLowerCase().replaceAll('_', '');
  const allowed = plain.length < 6 ? 1 : 2;
  let best: string | undefined;
  let least = allowed + 1;
  for (const candidate of known) {
    const lower = candidate.toLowerCase();
    const isBegun = plain.length > 2 && lower.startsWith(plain);
    if (!isBegun && Math.abs(plain.length - lower.length) > allowed) continue;
    const distance = isBegun ? 0.5 : editDistance(plain, lower);
    if (distance < least) [least, best] = [distance, candidate];
  }
  return best;
}

/** Letters that are inserted, removed or replaced, or neighbours that change places. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; ++i) {
    const above = rows[i - 1] as number[];
    const row = [i];
    for (let j = 1; j <= b.length; ++j) {
      const change = (above[j - 1] as number) + Number(a[i - 1] !== b[j - 1]);
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? ((rows[i - 2] as number[])[j - 2] as number) + 1 : change;
      row.push(Math.min(change, swap, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    rows.push(row);
  }
  return (rows[a.length] as number[])[b.length] as number;
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
    ...(typeof value === 'string' && { fix: spellingAdvice(value, names) }),
  });
}
