import { bytes as relaxed } from '#bytes/relaxed';
import { bytes as scalar } from '#bytes/scalar';
import { bytes as simd } from '#bytes/simd';
import type { Variant } from '../types.js';
import type { WasmSource } from './wasm-bytes.js';

const BYTES: Record<Variant, () => Uint8Array<ArrayBuffer>> = { relaxed, simd, scalar };

/** For a script that fetches nothing: bytes that are part of the script. */
export function wasmOf(variant: Variant): WasmSource {
  return BYTES[variant]();
}
