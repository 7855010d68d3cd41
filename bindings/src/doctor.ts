/**
 * Says in words what this environment has and what qkv makes of it, for bug reports.
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

/** One thing that was looked at. */
export interface Finding {
  /** Such as 'relaxed SIMD', 'memory', 'loading'. */
  readonly subject: string;
  /** Whether it is there, or works. Not all that is missing does harm: `says` tells. */
  readonly ok: boolean;
  readonly says: string;
}

/** What `doctor` found. */
export interface Report {
  /** Of the package. */
  readonly version: string;
  /** The engine and its version, as it calls itself. */
  readonly engine: string;
  /** What createAttention() chose, or would choose; undefined if nothing runs. */
  readonly variant: Variant | undefined;
  readonly findings: readonly Finding[];
  /** All of it as text to paste. */
  toString(): string;
}

/**
 * Looks at what this environment has: WebAssembly and its SIMD, a policy that forbids it, memory,
 * isolation, workers; then loads with `options`, as createAttention() would, and computes the worked
 * example. Never rejects: what fails is in the report.
 */
export async function doctor(options?: CreateOptions): Promise<Report> {
  const { info, ...loading } = await load(options);
  const variant = info?.variant ?? VARIANTS.find((name) => reasonAgainst(name) === undefined);
  const findings = [
    instructions('WebAssembly', 'scalar'),
    instructions('128-bit SIMD', 'simd'),
    instructions('relaxed SIMD', 'relaxed'),
    await policy(),
    memory(),
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

/** WebKit lets a forbidden module be compiled, and refuses the instance. */
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

/** The most that may be reserved, and how far a reservation of it grows. */
function memory(): Finding {
  const subject = 'memory';
  const inMiB = (pages: number) => `${(pages * PAGE) / 2 ** 20} MiB`;
  let refusal: unknown;
  for (let most = 65536; most >= 16; most /= 2) {
    try {
      const tried = new WebAssembly.Memory({ initial: 1, maximum: most });
      const had = growth(tried, Math.min(most, 4096));
      return { subject, ok: true, says: `${inMiB(most)} can be reserved; had ${inMiB(had)}` };
    } catch (cause) {
      refusal = cause;
    }
  }
  return { subject, ok: false, says: reasonOf(refusal) };
}

/** Pages that a memory grew to by doubling; no more than `enough` are asked for. */
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

/** By its constructor: some engines have none even where a page is isolated. */
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

/** Loads as the caller would, and computes softmax(QKᵀ/√2)·V of the worked example. */
async function load(
  options: CreateOptions | undefined,
): Promise<Finding & { readonly info?: Attention['info'] }> {
  const subject = 'loading';
  try {
    const attention = await createAttention(options);
    const { data } = attention.attend([[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]).output; // biome-ignore format: matrices
    attention.dispose();
    const ok = [8.985929298, 9.985929298].every((x, i) => Math.abs(x - (data[i] ?? 0)) < 2e-6);
    const says = `the worked example gives ${data.join(', ')}${ok ? '' : ', which is wrong'}`;
    return { subject, ok, says, info: attention.info };
  } catch (cause) {
    // An error of this package says in its message what its cause says.
    return { subject, ok: false, says: cause instanceof Error ? cause.message : String(cause) };
  }
}
