import { type Advice, advice, QkvError, reasonOf } from '../errors.js';
import type { Variant } from '../types.js';
import { VERSION } from '../version.js';
import { warnOnce } from '../warn.js';
import type { Deadline } from './deadline.js';
import { reasonAgainst, VARIANTS } from './variants.js';
import { bytesOf, isA, type WasmSource } from './wasm-bytes.js';

/** Compiles a .wasm. If the source is not one, the error says what it is. */
export async function compile(source: WasmSource, deadline: Deadline): Promise<WebAssembly.Module> {
  if (isA<WebAssembly.Module>('WebAssembly.Module', source)) return source;
  const { bytes, from, type } = await bytesOf(source, deadline);
  expectMagic(bytes, from);
  if (type && !/^application\/wasm\b/i.test(type)) {
    warnOnce(
      'type',
      `${from} comes as '${type}', not as 'application/wasm'. It works, but servers and caches compress by this type.`,
    );
  }
  // Not compileStreaming: the file is small, and the error messages need its bytes.
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    expectRunnable(bytes);
    throw failureOf(cause, from, bytes.byteLength);
  }
}

/** A file that fails to compile may be intact, but use instructions that the engine lacks. */
function expectRunnable(bytes: Uint8Array): void {
  // The name of the custom section, then its content.
  const [, variant] = /qkv[\d.]+ ([a-z]+)/.exec(latin1(bytes)) ?? [];
  const name = VARIANTS.find((known) => known === variant);
  const reason = name && reasonAgainst(name);
  if (!reason) return;
  throw new QkvError('ERR_UNSUPPORTED', {
    argument: 'variant',
    expected: `an engine that runs '${name}', which the given .wasm is`,
    received: reason,
    fix: advice`Leave out wasm: 'auto' then loads what this engine runs.`,
  });
}

/** What the custom section of a module says (embind.cpp). */
export interface Identity {
  readonly variant: Variant;
  /** The size of its memory at the start, in bytes. */
  readonly initialMemory: number;
}

/** Reads the custom section of a module, which must be of this release. */
export function identityOf(module: WebAssembly.Module): Identity {
  const [section] = WebAssembly.Module.customSections(module, 'qkv');
  const [version, variant, memory] = section ? latin1(new Uint8Array(section)).split(' ') : [];
  const initialMemory = Number(memory); // NaN if there is none
  if (!VARIANTS.includes(variant as Variant) || !(initialMemory > 0)) {
    throw new QkvError('ERR_WASM_INVALID', {
      argument: 'wasm',
      expected: 'a .wasm of the package qkv',
      received: 'another WebAssembly module',
      fix: advice`Serve the qkv.*.wasm files that are in the package.`,
    });
  }
  if (version !== VERSION) {
    throw new QkvError('ERR_VERSION', {
      argument: 'wasm',
      expected: `the .wasm of qkv ${VERSION}`,
      received: `that of qkv ${version}`,
      fix: advice`Deploy the .wasm and the JavaScript of one release together; clear caches between.`,
    });
  }
  return { variant: variant as Variant, initialMemory };
}

/** A Content-Security-Policy can refuse to compile, or in WebKit to instantiate. */
export function failureOf(cause: unknown, from: string, length?: number): QkvError {
  const reason = reasonOf(cause);
  if (
    /content.security.policy|unsafe-eval|code generation|blocked by csp|disallowed by embedder/i.test(
      reason,
    )
  ) {
    return new QkvError('ERR_CSP', {
      argument: 'wasm',
      expected: 'permission to run WebAssembly',
      received: `a Content-Security-Policy that forbids it: ${reason}`,
      fix: advice`Add 'wasm-unsafe-eval' to script-src.`,
      cause,
    });
  }
  return new QkvError('ERR_WASM_INVALID', {
    argument: 'wasm',
    expected: 'a WebAssembly module',
    received: `${length === undefined ? '' : `${length} bytes `}from ${from} that the engine refuses: ${reason}`,
    fix: advice`The file is truncated or damaged: deploy it again, as binary.`,
    cause,
  });
}

/** Each byte as a character. Test runners and audio worklets have no TextDecoder. */
function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

function expectMagic(bytes: Uint8Array, from: string): void {
  const [a, b, c, d] = bytes;
  if (a === 0x00 && b === 0x61 && c === 0x73 && d === 0x6d) return;
  const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(
    ' ',
  );
  const isHtml = /^(ï»¿)?\s*</.test(latin1(bytes.subarray(0, 99))); // a byte order mark may come first
  throw new QkvError('ERR_WASM_INVALID', {
    argument: 'wasm',
    expected: `a WebAssembly module (00 61 73 6d) from ${from}`,
    received:
      bytes.length === 0
        ? 'an empty file'
        : `${isHtml ? 'HTML' : 'a file'} that starts with ${start}`,
    fix: isHtml ? fixOfPage(from) : advice`Serve the qkv.*.wasm files of the package, unchanged.`,
  });
}

function fixOfPage(from: string): Advice {
  return from.includes('/.vite/deps/')
    ? advice`Vite before 8 parts the module from its files: add optimizeDeps: { exclude: ['qkv'] } to its configuration.`
    : advice`The server answers with a page instead of the file: deploy qkv.*.wasm and exempt it from rewrites.`;
}
