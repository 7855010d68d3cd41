import { advice, QkvError } from '../errors.js';
import { expectNoMore } from '../extra-arguments.js';
import { KeyValueCache } from './kv-cache.js';

/** The arguments of attend() or trace(). A cache brings keys and values. */
export interface Arguments {
  readonly query: unknown;
  readonly cache?: KeyValueCache;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly options: unknown;
}

/** Reads `method(query, key, value, options)` or `method(query, cache, options)`. */
export function readArguments(method: string, given: readonly unknown[]): Arguments {
  const [query, second, third, fourth] = given;
  if (second instanceof KeyValueCache) {
    if (given.length > 3) expectNoMore(`${method}(query, cache, options)`, given.slice(3));
    return { query, cache: second, options: third };
  }
  if (given.length > 4) expectNoMore(`${method}(query, key, value, options)`, given.slice(4));
  expectNoCache(second);
  return { query, key: second, value: third, options: fourth };
}

/** A program may have two copies of this package, such as 'qkv' and 'qkv/inline'. */
function expectNoCache(key: unknown): void {
  if (typeof key !== 'object' || key === null || !('truncate' in key)) return;
  throw new QkvError('ERR_TYPE', {
    argument: 'cache',
    expected: 'a cache of this copy of the package',
    received: 'one of another copy',
    fix: advice`Import everything from the same place: 'qkv' goes with 'qkv/pool', 'qkv/inline' with itself.`,
  });
}
