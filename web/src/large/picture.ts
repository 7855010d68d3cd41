import type { AttentionOptions, Variant } from 'qkv';
import { DEPTH } from './sequence.ts';

export const LENGTHS = [128, 256, 512, 1024] as const;
export const PATTERNS = ['full', 'causal', 'window'] as const;
export type Pattern = (typeof PATTERNS)[number];

/** The reader's settings. */
export interface Settings {
  readonly seed: number;
  readonly length: (typeof LENGTHS)[number];
  /** The scale is this many times 1/√DEPTH. */
  readonly sharpness: number;
  readonly pattern: Pattern;
  /** Keys on either side of the query, for the pattern 'window'. */
  readonly reach: number;
}

export function optionsOf({ sharpness, pattern, reach }: Settings): AttentionOptions {
  const scale = sharpness / Math.sqrt(DEPTH);
  switch (pattern) {
    case 'full':
      return { scale };
    case 'causal':
      return { scale, isCausal: true };
    case 'window':
      return { scale, window: { left: reach, right: reach } };
  }
}

/** A request to the worker. `spare` is a buffer that the worker may reuse. */
export interface Request {
  readonly id: number;
  readonly settings: Settings;
  readonly spare: ArrayBuffer | null;
}

/** All weights as numbers and as pixels. The buffers are transferred, not copied. */
export interface Picture {
  readonly length: number;
  readonly weights: Float32Array; // [length, length]
  readonly rowSums: Float32Array; // [length]
  readonly pixels: Uint8ClampedArray<ArrayBuffer>; // RGBA
  readonly variant: Variant;
  readonly computeMs: number;
  readonly colourMs: number;
}

export type Reply =
  | { readonly id: number; readonly ok: true; readonly picture: Picture }
  | { readonly id: number; readonly ok: false; readonly reason: string };
