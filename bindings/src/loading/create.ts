import { EngineAttention } from '../calls/attention.js';
import { asOneOf, type Raw, readOwn } from '../calls/named-options.js';
import { asBoolean, asInteger } from '../calls/scalars.js';
import { describe, QkvError } from '../errors.js';
import { Heap, MOST_MEMORY, PAGE } from '../memory/heap.js';
import type { Attention, CreateOptions, Variant } from '../types.js';
import { VERSION } from '../version.js';
import { Deadline } from './deadline.js';
import instantiateModule, { type MainModule } from './glue.js';
import { reasonAgainst, VARIANTS } from './variants.js';
import { wasmOf } from './wasm-beside.js';
import type { WasmSource } from './wasm-bytes.js';
import { compile, failureOf, type Identity, identityOf } from './wasm-file.js';

export const CREATE_OPTIONS = [
  'variant',
  'deterministic',
  'wasm',
  'maxMemory',
  'signal',
  'timeout',
] as const satisfies readonly (keyof CreateOptions)[];

type RawCreateOptions = Raw<(typeof CREATE_OPTIONS)[number]>;

/** In milliseconds. The files are small: they come in 15 s at 50 kbit/s, uncompressed. */
const TIMEOUT = 60_000;
/** The longest that setTimeout can wait. */
const MOST_TIMEOUT = 2 ** 31 - 1;

/**
 * Loads one WebAssembly variant. Nothing is fetched or compiled on import. A failed call may be
 * retried; each call makes an instance of its own.
 *
 * @throws QkvError ERR_UNSUPPORTED, ERR_WASM_NOT_FOUND, ERR_WASM_INVALID, ERR_VERSION, ERR_CSP,
 *   ERR_ABORTED, ERR_OPTION, ERR_TYPE, ERR_VALUE
 */
export async function createAttention(options?: CreateOptions): Promise<Attention> {
  const { module, heap, info } = await load(readOwn('options', options, CREATE_OPTIONS));
  return new EngineAttention(module, heap, info);
}

/**
 * A module that was loaded, and what was compiled for it: other threads may instantiate that too.
 * @internal
 */
export interface Loaded {
  readonly compiled: WebAssembly.Module;
  readonly module: MainModule;
  readonly heap: Heap;
  readonly info: Attention['info'];
  readonly maxMemory: number;
}

/**
 * Loads as createAttention() does.
 * @internal
 */
export async function load(raw: RawCreateOptions): Promise<Loaded> {
  const { wanted, deterministic, maxMemory, wasm, signal, timeout } = readSettings(raw);
  const { usable, rejected } = usableVariants(deterministic);
  const deadline = new Deadline(signal, timeout);
  try {
    let variant = choose(wanted, usable, rejected);
    const compiled = await compile(wasm === undefined ? wasmOf(variant) : wasm, deadline);
    const identity = identityOf(compiled);
    if (identity.variant !== variant) {
      variant = expectUsable(identity.variant, wanted, usable, rejected);
    }
    const { module, heap } = await instantiate(compiled, identity, maxMemory);
    deadline.expectNotAborted();
    const info = {
      version: VERSION,
      variant,
      rejected: reasonsAgainstOthers(variant, rejected, wanted),
    };
    return { compiled, module, heap, info, maxMemory };
  } finally {
    deadline.end();
  }
}

function readSettings(raw: RawCreateOptions) {
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
  const maxMemory =
    raw.maxMemory === undefined
      ? MOST_MEMORY
      : asInteger('maxMemory', raw.maxMemory, 0, MOST_MEMORY);
  const timeout =
    raw.timeout === undefined || raw.timeout === Number.POSITIVE_INFINITY
      ? (raw.timeout ?? TIMEOUT)
      : asInteger('timeout', raw.timeout, 1, MOST_TIMEOUT);
  const wasm = raw.wasm as WasmSource | undefined;
  return { wanted, deterministic, maxMemory, wasm, signal: readSignal(raw.signal), timeout };
}

interface Rejected {
  readonly variant: Variant;
  readonly reason: string;
}

function usableVariants(deterministic: boolean) {
  const rejected: Rejected[] = [];
  const usable = VARIANTS.filter((variant) => {
    const reason =
      reasonAgainst(variant) ??
      (deterministic && variant === 'relaxed'
        ? 'its bits may differ between CPUs, and deterministic was asked for'
        : undefined);
    if (reason !== undefined) rejected.push({ variant, reason });
    return reason === undefined;
  });
  return { usable, rejected };
}

function choose(
  wanted: 'auto' | Variant,
  usable: readonly Variant[],
  rejected: readonly Rejected[],
): Variant {
  const variant = wanted === 'auto' ? usable[0] : usable.find((name) => name === wanted);
  if (variant !== undefined) return variant;
  const reasons = rejected.filter(({ variant }) => wanted === 'auto' || variant === wanted);
  throw new QkvError('ERR_UNSUPPORTED', {
    argument: 'variant',
    expected:
      wanted === 'auto' ? 'an engine that runs WebAssembly' : `an engine that runs '${wanted}'`,
    received: [...new Set(reasons.map(({ reason }) => reason))].join('; '),
    fix:
      usable.length > 0
        ? `This engine runs ${usable.map((name) => `'${name}'`).join(' and ')}; 'auto' picks one.`
        : 'Use a newer engine, or one where it is not turned off.',
  });
}

function expectUsable(
  actual: Variant,
  wanted: 'auto' | Variant,
  usable: readonly Variant[],
  rejected: readonly Rejected[],
): Variant {
  if (wanted !== 'auto') {
    throw new QkvError('ERR_OPTION', {
      argument: 'wasm',
      expected: `the .wasm of variant '${wanted}'`,
      received: `that of '${actual}'`,
      fix: `Pass qkv.${wanted}.wasm, or leave the variant 'auto'.`,
    });
  }
  return choose(actual, usable, rejected);
}

/** All other variants, and why they were not chosen. */
function reasonsAgainstOthers(
  variant: Variant,
  rejected: readonly Rejected[],
  wanted: 'auto' | Variant,
) {
  return VARIANTS.filter((name) => name !== variant).map((name) => ({
    variant: name,
    reason:
      rejected.find((r) => r.variant === name)?.reason ??
      (wanted === 'auto'
        ? VARIANTS.indexOf(name) > VARIANTS.indexOf(variant)
          ? `not needed, '${variant}' runs here`
          : `the given .wasm is '${variant}'`
        : `'${variant}' was asked for`),
  }));
}

/** @internal */
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

function createMemory(initialMemory: number, maxMemory: number): WebAssembly.Memory {
  const initial = initialMemory / PAGE;
  const maximum = Math.floor(maxMemory / PAGE);
  try {
    return new WebAssembly.Memory({ initial, maximum });
  } catch (cause) {
    throw new QkvError('ERR_OOM', {
      argument: 'memory',
      expected: `${initial} pages, up to ${maximum}`,
      received: `an engine that refuses: ${cause instanceof Error ? cause.message : cause}`,
      fix: 'Give a smaller maxMemory, or dispose of other instances.',
      cause,
    });
  }
}

async function instantiate(
  compiled: WebAssembly.Module,
  { variant, initialMemory }: Identity,
  maxMemory: number,
) {
  asInteger('maxMemory', maxMemory, initialMemory, MOST_MEMORY);
  const memory = createMemory(initialMemory, maxMemory);
  const made = await new Promise<MainModule>((resolve, reject) => {
    instantiateModule({
      wasmMemory: memory,
      // Emscripten's promise never settles if this fails.
      instantiateWasm(
        imports: WebAssembly.Imports,
        onInstance: (it: WebAssembly.Instance) => void,
      ) {
        WebAssembly.instantiate(compiled, imports)
          .then(onInstance)
          .catch((cause) => reject(failureOf(cause, `variant '${variant}'`)));
        return {};
      },
    }).then(resolve, reject);
  });
  // Embind adds properties one by one, and engines keep those in a hash table. A copy has a shape.
  const module = { ...made };
  return { module, heap: new Heap(module, memory, maxMemory) };
}
