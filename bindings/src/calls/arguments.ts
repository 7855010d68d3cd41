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

export interface BackwardArguments extends Arguments {
  readonly outputGradient: unknown;
}

/** Reads the arguments of backward(): those of attend(), with the output's gradient before the options. */
export function readBackwardArguments(given: readonly unknown[]): BackwardArguments {
  const [query, second, third, fourth, fifth] = given;
  if (second instanceof KeyValueCache) {
    expectNoMore('backward(query, cache, outputGradient, options)', given.slice(4));
    return { query, cache: second, outputGradient: third, options: fourth };
  }
  expectNoMore('backward(query, key, value, outputGradient, options)', given.slice(5));
  expectNoCache(second);
  return { query, key: second, value: third, outputGradient: fourth, options: fifth };
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
