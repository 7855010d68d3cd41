import type { AttentionOptions, Variant } from 'qkv';
import { DEPTH } from './sequence.ts';
import type { LargeState } from './state.ts';

/** What the picture is made of. */
export interface Settings extends Pick<LargeState, 'seed' | 'length' | 'pattern' | 'reach'> {
  /** The scale is this many times 1/√DEPTH. */
  readonly sharpness: number;
}

export function settingsOf({ seed, length, exponent, pattern, reach }: LargeState): Settings {
  return { seed, length, sharpness: 2 ** exponent, pattern, reach };
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
