import type { Variant } from '../types.js';

/** The fastest first; the last one runs everywhere. */
export const VARIANTS = ['relaxed', 'simd', 'scalar'] as const satisfies readonly Variant[];

// Modules of one function that uses the opcode in question, in the binary format: header, type section
// with () → (v128), function section, code section.
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const moduleOf = (...code: number[]) => {
  const type = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b];
  const functions = [0x03, 0x02, 0x01, 0x00];
  const body = [0x00, ...code, 0x0b];
  const codeSection = [0x0a, body.length + 2, 0x01, body.length, ...body];
  return new Uint8Array([...HEADER, ...type, ...functions, ...codeSection]);
};
const F32X4_SPLAT = [0xfd, 0x13];
const F32X4_PMAX = [0xfd, 0xeb, 0x01];
const F32X4_RELAXED_MADD = [0xfd, 0x85, 0x02];
const F32_0 = [0x43, 0x00, 0x00, 0x00, 0x00];

const zeros = [...F32_0, ...F32X4_SPLAT];
/** For each variant, a module that compiles only where the variant runs. */
export const PROBES: Record<Variant, Uint8Array<ArrayBuffer>> = {
  relaxed: moduleOf(...zeros, ...zeros, ...zeros, ...F32X4_RELAXED_MADD),
  simd: moduleOf(...zeros, ...zeros, ...F32X4_PMAX),
  scalar: new Uint8Array(HEADER),
};

const NEEDED: Record<Variant, string> = {
  relaxed: 'the engine has no relaxed SIMD (f32x4.relaxed_madd)',
  simd: 'the engine has no 128-bit SIMD (f32x4.pmax)',
  scalar: 'the engine has no WebAssembly',
};

/** Why this engine cannot run a variant; undefined if it can. */
export function reasonAgainst(variant: Variant): string | undefined {
  if (typeof WebAssembly !== 'object') return NEEDED.scalar;
  return WebAssembly.validate(PROBES[variant]) ? undefined : NEEDED[variant];
}
