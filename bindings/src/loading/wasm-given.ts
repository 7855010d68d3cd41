import type { WasmSource } from './wasm-bytes.js';

/** For the worker of a pool: it receives a compiled module, so bundlers need not copy the files. */
export function wasmOf(): WasmSource {
  throw new Error('a worker of a pool is given its module');
}
