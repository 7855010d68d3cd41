import { asOneOf, type Raw, readOwn } from '../calls/named-options.js';
import { asBoolean, asInteger, INT32_MAX } from '../calls/scalars.js';
import { describe, QkvError } from '../errors.js';
import { MOST_MEMORY } from '../memory/heap.js';
import type { CreateOptions, Variant } from '../types.js';
import { VARIANTS } from './variants.js';
import type { WasmSource } from './wasm-bytes.js';

export const CREATE_OPTIONS = [
  'variant',
  'deterministic',
  'wasm',
  'maxMemory',
  'signal',
  'timeout',
] as const satisfies readonly (keyof CreateOptions)[];

export type RawCreateOptions = Raw<(typeof CREATE_OPTIONS)[number]>;

/** In milliseconds. The files are small: they arrive in 15 s at 50 kbit/s, uncompressed. */
const TIMEOUT = 60_000;

/** The options of createAttention(), checked. */
export interface Settings {
  readonly wanted: 'auto' | Variant;
  readonly deterministic: boolean;
  readonly maxMemory: number;
  readonly wasm: WasmSource | undefined;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
}

export function readCreateOptions(options: unknown): RawCreateOptions {
  return readOwn('options', options, CREATE_OPTIONS);
}

export function readSettings(raw: RawCreateOptions): Settings {
  const wanted =
    raw.variant === undefined ? 'auto' : asOneOf('variant', raw.variant, ['auto', ...VARIANTS]);
  const deterministic =
    raw.deterministic !== undefined && asBoolean('deterministic', raw.deterministic);
  if (deterministic && wanted === 'relaxed') {
    throw new QkvError('ERR_OPTION', {
      argument: 'variant',
      expected: "'simd' or 'scalar', since deterministic is true",
      received: "'relaxed', whose bits may differ between CPUs",
    });
  }
  return {
    wanted,
    deterministic,
    maxMemory:
      raw.maxMemory === undefined
        ? MOST_MEMORY
        : asInteger('maxMemory', raw.maxMemory, 0, MOST_MEMORY),
    wasm: raw.wasm as WasmSource | undefined,
    signal: readSignal(raw.signal),
    timeout: readTimeout(raw.timeout),
  };
}

function readTimeout(timeout: unknown): number {
  if (timeout === undefined) return TIMEOUT;
  // Timers count in int32.
  return timeout === Number.POSITIVE_INFINITY
    ? timeout
    : asInteger('timeout', timeout, 1, INT32_MAX);
}

export function readSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  if (
    typeof signal === 'object' &&
    signal !== null &&
    typeof (signal as AbortSignal).aborted === 'boolean'
  ) {
    return signal as AbortSignal;
  }
  throw new QkvError('ERR_TYPE', {
    argument: 'signal',
    expected: 'an AbortSignal',
    received: describe(signal),
  });
}
