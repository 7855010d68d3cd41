/**
 * Describes this environment and which parts of it qkv uses, for bug reports.
 *
 * @module
 */

import { reasonOf } from './errors.js';
import { createAttention } from './loading/create.js';
import { PROBES, reasonAgainst, VARIANTS } from './loading/variants.js';
import { failureOf } from './loading/wasm-file.js';
import { PAGE } from './memory/heap.js';
import type { Attention, CreateOptions, Variant } from './types.js';
import { VERSION } from './version.js';

/** The result of one check. */
export interface Finding {
  /** For example 'relaxed SIMD', 'memory', 'loading'. */
  readonly subject: string;
  /** Whether it is there, or works. `says` tells whether a missing one matters. */
  readonly ok: boolean;
  readonly says: string;
}

/** The results of all checks. */
export interface Report {
  /** Version of the package. */
  readonly version: string;
  /** Name and version of the engine. */
  readonly engine: string;
  /** The variant that createAttention() chooses; undefined if none runs. */
  readonly variant: Variant | undefined;
  readonly findings: readonly Finding[];
  /** The whole report as text. */
  toString(): string;
}

/**
 * Checks this environment: WebAssembly and its SIMD, a policy that forbids it, memory, what a host may
 * lack, isolation and workers. Then it loads with `options`, as createAttention() does, and computes the
 * worked example.
 * It never rejects: failures are in the report.
 */
export function doctor(options?: CreateOptions): Promise<Report>;
export async function doctor(...given: [options?: CreateOptions]): Promise<Report> {
  const { info, ...loading } = await load(given);
  const variant = info?.variant ?? VARIANTS.find((name) => reasonAgainst(name) === undefined);
  const findings = [
    instructions('WebAssembly', 'scalar'),
    instructions('128-bit SIMD', 'simd'),
    instructions('relaxed SIMD', 'relaxed'),
    await policy(),
    memory(info),
    part('FinalizationRegistry', globalThis.FinalizationRegistry, NEVER_FREED),
    part('TextDecoder', globalThis.TextDecoder, 'qkv does not need it'),
    part('import.meta.url', import.meta.url, NO_ADDRESS),
    isolation(),
    sharedMemory(),
    workers(),
    choice(variant, info),
    loading,
  ];
  const engine = engineName();
  const lines = findings.map(({ subject, ok, says }) => `${ok ? '✓' : '✗'} ${subject}: ${says}`);
  const text = [`qkv ${VERSION} in ${engine}`, ...lines].join('\n');
  return { version: VERSION, engine, variant, findings, toString: () => text };
}

function engineName(): string {
  const { process, navigator } = globalThis;
  const runtime = ['bun', 'deno', 'node'].find((name) => process?.versions?.[name]);
  if (process === undefined || runtime === undefined)
    return navigator?.userAgent ?? 'an engine without a name';
  const { v8 } = process.versions ?? {};
  const details = [v8 && `V8 ${v8}`, process.platform, process.arch].filter(Boolean).join(', ');
  return `${runtime} ${process.versions?.[runtime]} (${details})`;
}

function instructions(subject: string, variant: Variant): Finding {
  const reason = reasonAgainst(variant);
  return { subject, ok: reason === undefined, says: reason ?? 'the engine has it' };
}

/** WebKit compiles a forbidden module and refuses the instance, so both are tried. */
async function policy(): Promise<Finding> {
  const subject = 'policy';
  try {
    await WebAssembly.instantiate(await WebAssembly.compile(PROBES.scalar));
    return { subject, ok: true, says: 'a module may be compiled and instantiated' };
  } catch (cause) {
    const says = failureOf(cause, 'an empty module').message;
    return { subject, ok: false, says: cause instanceof ReferenceError ? reasonOf(cause) : says };
  }
}

const NEVER_FREED = 'forgotten tensors and caches are never freed, so dispose of them';
const NO_ADDRESS =
  "qkv does not find its files: use 'qkv/inline', or give createAttention() a wasm";

/** Something that old or bundled hosts lack. */
function part(subject: string, found: unknown, otherwise: string): Finding {
  const ok = found !== undefined;
  return { subject, ok, says: ok ? 'it is there' : `missing; ${otherwise}` };
}

/** The largest memory that can be reserved, how far it can grow, and what an instance gets of it. */
function memory(info: Attention['info'] | undefined): Finding {
  const subject = 'memory';
  const inMiB = (pages: number) => `${(pages * PAGE) / 2 ** 20} MiB`;
  let refusal: unknown;
  for (let most = 65536; most >= 16; most /= 2) {
    try {
      const tried = new WebAssembly.Memory({ initial: 1, maximum: most });
      const had = growth(tried, Math.min(most, 4096));
      const says = `${inMiB(most)} can be reserved; had ${inMiB(had)}`;
      const granted = info && `; an instance gets up to ${inMiB(info.maxMemory / PAGE)}`;
      return { subject, ok: true, says: `${says}${granted ?? ''}` };
    } catch (cause) {
      refusal = cause;
    }
  }
  return { subject, ok: false, says: reasonOf(refusal) };
}

/** Doubles a memory until it has `enough` pages or the engine refuses; returns its pages. */
function growth(tried: WebAssembly.Memory, enough: number): number {
  const pages = () => tried.buffer.byteLength / PAGE;
  try {
    while (pages() < enough) tried.grow(pages());
  } catch {}
  return pages();
}

function isolation(): Finding {
  const ok = globalThis.crossOriginIsolated === true;
  const says = `crossOriginIsolated is ${globalThis.crossOriginIsolated}`;
  return { subject: 'isolation', ok, says: ok ? says : `${says}, which qkv does not need` };
}

/** Tries the constructor, because some engines lack it even on isolated pages. */
function sharedMemory(): Finding {
  const subject = 'SharedArrayBuffer';
  try {
    new SharedArrayBuffer(8);
    return { subject, ok: true, says: 'can be constructed' };
  } catch (cause) {
    return { subject, ok: false, says: `${reasonOf(cause)}, which qkv does not need` };
  }
}

function workers(): Finding {
  const ok =
    typeof Worker === 'function' ||
    globalThis.process?.getBuiltinModule?.('node:worker_threads') !== undefined;
  const cores = globalThis.navigator?.hardwareConcurrency;
  const says = ok ? `there are workers, and ${cores ?? 'an unknown number of'} cores` : 'none here';
  return { subject: 'workers', ok, says };
}

function choice(variant: Variant | undefined, info: Attention['info'] | undefined): Finding {
  const rejected =
    info?.rejected ??
    VARIANTS.map((name) => ({ variant: name, reason: reasonAgainst(name) })).filter(
      ({ reason }) => reason !== undefined,
    );
  const others = rejected.map(({ variant: name, reason }) => `; not '${name}': ${reason}`);
  return {
    subject: 'variant',
    ok: variant !== undefined,
    says: `${variant ? `'${variant}'` : 'none'}${others.join('')}`,
  };
}

/** Loads with the caller's options and computes the worked example, softmax(QKᵀ/√2)·V. */
async function load(
  given: [options?: CreateOptions],
): Promise<Finding & { readonly info?: Attention['info'] }> {
  const subject = 'loading';
  try {
    const attention = await createAttention(...given);
    const { data } = attention.attend([[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]).output; // biome-ignore format: matrices
    attention.dispose();
    const ok = [8.985929298, 9.985929298].every((x, i) => Math.abs(x - (data[i] ?? 0)) < 2e-6);
    const says = `the worked example gives ${data.join(', ')}${ok ? '' : ', which is wrong'}`;
    return { subject, ok, says, info: attention.info };
  } catch (cause) {
    // The message of a QkvError includes its cause.
    return { subject, ok: false, says: cause instanceof Error ? cause.message : String(cause) };
  }
}
