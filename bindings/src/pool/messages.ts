import type { ErrorCode, ErrorDetails } from '../errors.js';
import type { AttentionOptions, Captured, Tensor, Variant } from '../types.js';

/** What a worker is told. */
export type Order = StartOrder | AttendOrder;

/** First, and once. */
export interface StartOrder {
  readonly kind: 'start';
  readonly wasm: WebAssembly.Module;
  readonly variant: Variant;
  readonly maxMemory: number;
}

/** First, `forget` the keys and values of shares that are not needed any more. */
export interface AttendOrder extends TaskOrder {
  readonly forget: readonly number[];
}

/** Attend keys and values that the worker was given under `share`, now or before. */
export interface TaskOrder {
  readonly kind: 'attend';
  readonly share: number;
  readonly keys?: KeysAndValues;
  readonly query: Tensor;
  readonly options: PlainOptions;
}

export interface KeysAndValues {
  readonly key: Tensor;
  readonly value: Tensor;
}

/** Options with nothing of the caller's in them, of copies that may be transferred. */
export interface PlainOptions extends Omit<AttentionOptions, 'mask' | 'bias' | 'out'> {
  readonly mask?: { readonly data: Uint8Array; readonly shape: readonly number[] };
  readonly bias?: Tensor;
}

/**
 * What a worker answers: once that it has started; of keys and values that it has got them; and to each
 * attend order, in their order, what came of it.
 */
export type Answer = StartedAnswer | KeptAnswer | AttendedAnswer | FailedAnswer;

export interface StartedAnswer {
  readonly kind: 'started';
}

/** The worker has a copy of the keys and values in its memory: what was sent may go to another. */
export interface KeptAnswer {
  readonly kind: 'kept';
  readonly share: number;
  readonly keys: KeysAndValues;
}

export interface AttendedAnswer {
  readonly kind: 'attended';
  readonly results: Readonly<Partial<Record<Result, Float32Array>>>;
}

export type Result = 'output' | Captured;

/** An error that leaves the worker as it was. */
export interface FailedAnswer {
  readonly kind: 'failed';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
}
