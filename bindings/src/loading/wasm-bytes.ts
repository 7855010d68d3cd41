import { type Advice, advice, describe, QkvError, reasonOf, shorten } from '../errors.js';
import type { CreateOptions } from '../types.js';
import type { Deadline } from './deadline.js';

export type WasmSource = NonNullable<CreateOptions['wasm']>;

export interface WasmBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where they come from, for messages. */
  readonly from: string;
  /** The content type that the server sent. */
  readonly type?: string | null;
}

/** For where there are no files beside the module. */
export const WITHOUT_FILES = advice`Give the bytes with the option wasm, or use createAttention() of 'qkv/inline', which needs no file.`;
const FIX = advice`Serve the qkv.*.wasm files beside the module. ${WITHOUT_FILES}`;

/** The bytes of a source: fetched, read from a file, or as given. */
export async function bytesOf(source: WasmSource, deadline: Deadline): Promise<WasmBytes> {
  if (typeof source === 'string' || isA<URL>('URL', source)) return bytesAt(source, deadline);
  if (isA<Response>('Response', source)) return bodyOf(source, 'the given Response', deadline);
  const from = 'the given bytes';
  // V8 does not compile a DataView.
  if (ArrayBuffer.isView(source)) {
    const { buffer, byteOffset, byteLength } = source;
    return { bytes: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength), from };
  }
  if (isA<ArrayBuffer>('ArrayBuffer', source)) return { bytes: new Uint8Array(source), from };
  throw new QkvError('ERR_TYPE', {
    argument: 'wasm',
    expected: 'a URL, a Response, bytes or a WebAssembly.Module',
    received: describe(source),
  });
}

/** `instanceof` that also works for objects of another realm. */
export function isA<Type>(name: string, value: unknown): value is Type {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}

async function bytesAt(location: string | URL, deadline: Deadline): Promise<WasmBytes> {
  const { signal } = deadline;
  const from = shorten(String(location), 200);
  // Node's fetch does not read files. Bundlers do not follow getBuiltinModule, as they would an import.
  const fs = from.startsWith('file:')
    ? globalThis.process?.getBuiltinModule?.('node:fs/promises')
    : undefined;
  if (fs) {
    try {
      return { bytes: new Uint8Array(await fs.readFile(new URL(location), { signal })), from };
    } catch (cause) {
      throw notFound(from, reasonOf(cause), FIX, deadline, cause);
    }
  }
  let response: Response;
  try {
    response = await fetch(location, { credentials: 'same-origin', signal: signal ?? null });
  } catch (cause) {
    throw notFound(from, `no answer: ${reasonOf(cause)}`, fixOfRequest(from), deadline, cause);
  }
  return bodyOf(response, from, deadline);
}

// Browsers tell a script no reason for a failed request.
function fixOfRequest(from: string): Advice {
  if (from.startsWith('file:') || typeof fetch !== 'function') return WITHOUT_FILES;
  return globalThis.navigator?.onLine === false
    ? advice`This machine is offline: try again when it is not.`
    : advice`Is the server there? One of another origin must allow it by CORS, and a Content-Security-Policy by connect-src. ${WITHOUT_FILES}`;
}

async function bodyOf(response: Response, asked: string, deadline: Deadline): Promise<WasmBytes> {
  const from = shorten(response.url || asked, 200);
  if (!response.ok) {
    const status = `status ${response.status} ${response.statusText}`.trim();
    throw notFound(from, status, FIX, deadline);
  }
  try {
    const bytes = new Uint8Array(await deadline.until(response.arrayBuffer()));
    return { bytes, from, type: response.headers.get('content-type') };
  } catch (cause) {
    const reason = `a body that cannot be read to its end: ${reasonOf(cause)}`;
    throw notFound(from, reason, FIX, deadline, cause);
  }
}

function notFound(
  from: string,
  reason: string,
  fix: Advice,
  deadline: Deadline,
  cause?: unknown,
): QkvError {
  deadline.expectNotAborted();
  return new QkvError('ERR_WASM_NOT_FOUND', {
    argument: 'wasm',
    expected: `the .wasm at ${from}`,
    received: deadline.overrun ?? reason,
    fix: deadline.overrun ? advice`Try again, or give it more time with the option timeout.` : fix,
    cause,
  });
}
