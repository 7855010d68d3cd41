import type { Variant } from '../types.js';
import type { WasmSource } from './wasm-bytes.js';

// Each URL is written out, because bundlers look for this form to find the files.
const FILES: Record<Variant, () => URL> = {
  relaxed: () => new URL('./qkv.relaxed.wasm', import.meta.url),
  simd: () => new URL('./qkv.simd.wasm', import.meta.url),
  scalar: () => new URL('./qkv.scalar.wasm', import.meta.url),
};

/**
 * Where the .wasm of a variant is if the caller does not say: a file beside this module. The other
 * entries of the package have other answers (wasm-inside.ts, wasm-imported.ts, wasm-given.ts); the
 * bundler's alias picks one of them for each entry (build.mjs).
 */
export function wasmOf(variant: Variant): WasmSource {
  return FILES[variant]();
}
