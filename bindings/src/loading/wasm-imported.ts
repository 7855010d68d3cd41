import type { Variant } from '../types.js';
import relaxed from './qkv.relaxed.wasm';
import scalar from './qkv.scalar.wasm';
import simd from './qkv.simd.wasm';
import type { WasmSource } from './wasm-bytes.js';

const MODULES: Record<Variant, WebAssembly.Module> = { relaxed, simd, scalar };

/** For hosts that compile only on deployment, such as Cloudflare Workers: a compiled module. */
export function wasmOf(variant: Variant): WasmSource {
  return MODULES[variant];
}
