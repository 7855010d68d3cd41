import type { WasmSource } from './wasm-bytes.js';

/** For a pool's worker, which is sent a compiled module: bundlers need not follow it to the files. */
export function wasmOf(): WasmSource {
  throw new Error('a worker of a pool is given its module');
}
