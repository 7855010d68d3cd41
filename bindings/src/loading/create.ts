import { EngineAttention } from '../calls/attention.js';
import { expectNoMore } from '../extra-arguments.js';
import type { Heap } from '../memory/heap.js';
import type { Attention, CreateOptions } from '../types.js';
import { VERSION } from '../version.js';
import { choose, expectUsable, reasonsAgainstOthers, usableVariants } from './choice.js';
import { Deadline } from './deadline.js';
import type { MainModule } from './glue.js';
import { instantiate } from './instantiate.js';
import { type RawCreateOptions, readCreateOptions, readSettings } from './settings.js';
import { wasmOf } from './wasm-beside.js';
import { compile, identityOf } from './wasm-file.js';

/**
 * Loads one WebAssembly variant. Nothing is fetched or compiled on import. A failed call may be
 * repeated; each call makes a new instance.
 *
 * @throws QkvError ERR_UNSUPPORTED, ERR_WASM_NOT_FOUND, ERR_WASM_INVALID, ERR_VERSION, ERR_CSP,
 *   ERR_ABORTED, ERR_OPTION, ERR_TYPE, ERR_VALUE
 */
export function createAttention(options?: CreateOptions): Promise<Attention>;
export async function createAttention(
  options?: CreateOptions,
  ...more: unknown[]
): Promise<Attention> {
  expectNoMore('createAttention(options)', more);
  const { module, heap, info } = await load(readCreateOptions(options));
  return new EngineAttention(module, heap, info);
}

/**
 * A loaded module, and its compiled form, which other threads may instantiate too.
 * @internal
 */
export interface Loaded {
  readonly compiled: WebAssembly.Module;
  readonly module: MainModule;
  readonly heap: Heap;
  readonly info: Attention['info'];
  /** The size to which the engine lets its memory grow, in bytes. */
  readonly maxMemory: number;
}

/**
 * Loads as createAttention() does.
 * @internal
 */
export async function load(raw: RawCreateOptions): Promise<Loaded> {
  const { wanted, deterministic, maxMemory: most, wasm, signal, timeout } = readSettings(raw);
  const { usable, rejected } = usableVariants(deterministic);
  const deadline = new Deadline(signal, timeout);
  try {
    let variant = choose(wanted, usable, rejected);
    const compiled = await compile(wasm === undefined ? wasmOf(variant) : wasm, deadline);
    const identity = identityOf(compiled);
    if (identity.variant !== variant) {
      variant = expectUsable(identity.variant, wanted, usable, rejected);
    }
    const { module, heap, maxMemory } = await instantiate(compiled, identity, most);
    deadline.expectNotAborted();
    const info = {
      version: VERSION,
      variant,
      rejected: reasonsAgainstOthers(variant, rejected, wanted),
      maxMemory,
    };
    return { compiled, module, heap, info, maxMemory };
  } finally {
    deadline.end();
  }
}
