import { QkvError, reasonOf } from '../errors.js';
import type { Variant } from '../types.js';
import { type WasmSource, WITHOUT_FILES } from './wasm-bytes.js';

// Each URL is written out, because bundlers look for this form to find the files. Tracers of files do not find it
// in an arrow function.
function fileOf(variant: Variant): URL {
  switch (variant) {
    case 'relaxed':
      return new URL('./qkv.relaxed.wasm', import.meta.url);
    case 'simd':
      return new URL('./qkv.simd.wasm', import.meta.url);
    case 'scalar':
      return new URL('./qkv.scalar.wasm', import.meta.url);
  }
}

/**
 * The .wasm of a variant, if the caller gives none: a file beside this module. Other entries of the
 * package use wasm-inside.ts, wasm-imported.ts or wasm-given.ts instead; an alias of the bundler picks
 * one for each entry (build.mjs).
 */
export function wasmOf(variant: Variant): WasmSource {
  try {
    return fileOf(variant);
  } catch (cause) {
    // A module that was bundled as CommonJS or as a classic script has no import.meta.url.
    throw new QkvError('ERR_WASM_NOT_FOUND', {
      argument: 'wasm',
      expected: 'a module that knows its address (import.meta.url)',
      received: reasonOf(cause),
      fix: WITHOUT_FILES,
      cause,
    });
  }
}
