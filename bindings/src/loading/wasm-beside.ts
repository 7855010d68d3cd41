import type { Variant } from '../types.js';
import type { WasmSource } from './wasm-bytes.js';

// Each URL is written out, because bundlers look for this form to find the files.
const FILES: Record<Variant, () => URL> = {
  relaxed: () => new URL('./qkv.relaxed.wasm', import.meta.url),
  simd: () => new URL('./qkv.simd.wasm', import.meta.url),
  scalar: () => new URL('./qkv.scalar.wasm', import.meta.url),
};

/**
 * The .wasm of a variant, if the caller gives none: a file beside this module. Other entries of the
 * package use wasm-inside.ts, wasm-imported.ts or wasm-given.ts instead; an alias of the bundler picks
 * one for each entry (build.mjs).
 */
export function wasmOf(variant: Variant): WasmSource {
  return FILES[variant]();
}
