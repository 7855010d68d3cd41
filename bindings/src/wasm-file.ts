import { describe, QkvError } from './errors.js';
import type { CreateOptions, Variant } from './types.js';
import { reasonAgainst, VARIANTS } from './variants.js';
import { VERSION } from './version.js';

// Each is written out, so that bundlers find the files.
const BESIDE_THE_MODULE: Record<Variant, () => URL> = {
  relaxed: () => new URL('./qkv.relaxed.wasm', import.meta.url),
  simd: () => new URL('./qkv.simd.wasm', import.meta.url),
  scalar: () => new URL('./qkv.scalar.wasm', import.meta.url),
};

export type WasmSource = NonNullable<CreateOptions['wasm']>;

export function fileOf(variant: Variant): URL {
  return BESIDE_THE_MODULE[variant]();
}

/** Compiles the .wasm of this release, wherever it comes from; anything else is an error that says what it is. */
export async function compile(
  source: WasmSource,
  signal: AbortSignal | undefined,
): Promise<WebAssembly.Module> {
  if (isA<WebAssembly.Module>('WebAssembly.Module', source)) return source;
  const { bytes, from } = await bytesOf(source as BufferSource, signal);
  expectMagic(bytes, from);
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    expectRunnable(bytes);
    throw failureOf(cause, from, bytes.byteLength);
  }
}

/** Tells a file with instructions that the engine lacks from one that is damaged. */
function expectRunnable(bytes: Uint8Array): void {
  // The name of the custom section, and what it holds.
  const [, variant] = /qkv[\d.]+ ([a-z]+)/.exec(new TextDecoder('latin1').decode(bytes)) ?? [];
  const name = VARIANTS.find((known) => known === variant);
  const reason = name && reasonAgainst(name);
  if (!reason) return;
  throw new QkvError('ERR_UNSUPPORTED', {
    argument: 'variant',
    expected: `an engine that runs '${name}', which the given .wasm is`,
    received: reason,
    fix: "Leave out wasm: 'auto' then loads what this engine runs.",
  });
}

/** Works for objects of another realm, where `instanceof` does not. */
function isA<Type>(name: string, value: unknown): value is Type {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}

/** The variant a module says it is. */
export function variantOf(module: WebAssembly.Module): Variant {
  const [section] = WebAssembly.Module.customSections(module, 'qkv');
  const [version, variant] = section ? new TextDecoder().decode(section).split(' ') : [];
  if (version === undefined || !VARIANTS.includes(variant as Variant)) {
    throw new QkvError('ERR_WASM_INVALID', {
      argument: 'wasm',
      expected: 'a .wasm of the package qkv',
      received: 'another WebAssembly module',
      fix: 'Serve the qkv.*.wasm files that are in the package.',
    });
  }
  if (version !== VERSION) {
    throw new QkvError('ERR_VERSION', {
      argument: 'wasm',
      expected: `the .wasm of qkv ${VERSION}`,
      received: `that of qkv ${version}`,
      fix: 'Deploy the .wasm and the JavaScript of one release together; clear caches between.',
    });
  }
  return variant as Variant;
}

/** Under a Content-Security-Policy compiling may be refused, or (WebKit) instantiating. */
export function failureOf(cause: unknown, from: string, length?: number): QkvError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (
    /content.security.policy|unsafe-eval|code generation|blocked by csp|disallowed by embedder/i.test(
      reason,
    )
  ) {
    return new QkvError('ERR_CSP', {
      argument: 'wasm',
      expected: 'permission to run WebAssembly',
      received: `a Content-Security-Policy that forbids it: ${reason}`,
      fix: "Add 'wasm-unsafe-eval' to script-src.",
      cause,
    });
  }
  return new QkvError('ERR_WASM_INVALID', {
    argument: 'wasm',
    expected: 'a WebAssembly module',
    received: `${length === undefined ? '' : `${length} bytes `}from ${from} that the engine refuses: ${reason}`,
    fix: 'The file is truncated or damaged: deploy it again, as binary.',
    cause,
  });
}

async function bytesOf(
  source: string | URL | Response | BufferSource,
  signal: AbortSignal | undefined,
) {
  if (typeof source === 'string' || isA<URL>('URL', source)) return fetchBytes(source, signal);
  if (isA<Response>('Response', source)) return bodyOf(source, signal);
  const from = 'the given bytes';
  // V8 compiles no DataView.
  if (ArrayBuffer.isView(source))
    return { bytes: new Uint8Array(source.buffer, source.byteOffset, source.byteLength), from };
  if (isArrayBuffer(source)) return { bytes: new Uint8Array(source as ArrayBuffer), from };
  throw new QkvError('ERR_TYPE', {
    argument: 'wasm',
    expected: 'a URL, a Response, bytes or a WebAssembly.Module',
    received: describe(source),
  });
}

function isArrayBuffer(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

async function fetchBytes(location: string | URL, signal: AbortSignal | undefined) {
  const from = String(location);
  // Node's fetch does not read files. getBuiltinModule is no import that a bundler would follow.
  const fs = from.startsWith('file:')
    ? globalThis.process?.getBuiltinModule?.('node:fs/promises')
    : undefined;
  if (fs) {
    const read = fs.readFile(new URL(from), signal && { signal });
    return {
      bytes: new Uint8Array(
        await read.catch((cause) => Promise.reject(notFound(from, reasonOf(cause), signal, cause))),
      ),
      from,
    };
  }
  let response: Response;
  try {
    response = await fetch(location, { credentials: 'same-origin', ...(signal && { signal }) });
  } catch (cause) {
    throw notFound(from, reasonOf(cause), signal, cause);
  }
  return bodyOf(response, signal);
}

async function bodyOf(response: Response, signal: AbortSignal | undefined) {
  const from = response.url || 'the given Response';
  if (!response.ok)
    throw notFound(from, `status ${response.status} ${response.statusText}`.trim(), signal);
  try {
    return { bytes: new Uint8Array(await untilAborted(response.arrayBuffer(), signal)), from };
  } catch (cause) {
    throw notFound(from, reasonOf(cause), signal, cause);
  }
}

/** Of a Response that was given, the signal is not that of the request. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function notFound(
  from: string,
  reason: string,
  signal: AbortSignal | undefined,
  cause?: unknown,
): QkvError {
  if (signal?.aborted) return aborted(signal);
  return new QkvError('ERR_WASM_NOT_FOUND', {
    argument: 'wasm',
    expected: `the .wasm at ${from}`,
    received: reason,
    fix: 'Serve the qkv.*.wasm files beside the module, or say where they are with the option wasm.',
    cause,
  });
}

export function aborted(signal: AbortSignal, expected = 'loading to end'): QkvError {
  return new QkvError('ERR_ABORTED', {
    argument: 'signal',
    expected,
    received: `an abort: ${reasonOf(signal.reason)}`,
    cause: signal.reason,
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function expectMagic(bytes: Uint8Array, from: string): void {
  const [a, b, c, d] = bytes;
  if (a === 0x00 && b === 0x61 && c === 0x73 && d === 0x6d) return;
  const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(
    ' ',
  );
  const isHtml = a === 0x3c;
  throw new QkvError('ERR_WASM_INVALID', {
    argument: 'wasm',
    expected: `a WebAssembly module (00 61 73 6d) from ${from}`,
    received:
      bytes.length === 0
        ? 'an empty file'
        : `${isHtml ? 'HTML' : 'a file'} that starts with ${start}`,
    fix: isHtml
      ? 'The server answers with a page instead of the file: deploy qkv.*.wasm and exempt it from rewrites.'
      : 'Serve the qkv.*.wasm files of the package, unchanged.',
  });
}
