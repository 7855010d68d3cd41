import type { ErrorCode, ErrorDetails } from '../errors.js';
import type { AttentionOptions, Captured, Tensor, Variant } from '../types.js';

/** A message to a worker. */
export type Order = StartOrder | AttendOrder;

/** The first message; sent once. */
export interface StartOrder {
  readonly kind: 'start';
  readonly wasm: WebAssembly.Module;
  readonly variant: Variant;
  readonly maxMemory: number;
}

/** `forget` lists shares whose keys and values are no longer needed; the worker drops them first. */
export interface AttendOrder extends TaskOrder {
  readonly forget: readonly number[];
}

/** Attend the keys and values of `share`, which come with this message or came before. */
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

/** Options that hold only copies, which may be transferred. */
export interface PlainOptions extends Omit<AttentionOptions, 'mask' | 'bias' | 'out'> {
  readonly mask?: { readonly data: Uint8Array; readonly shape: readonly number[] };
  readonly bias?: Tensor;
}

/**
 * A message from a worker: "started", once; "kept", for keys and values that it has copied; and for each
 * attend order, in the order of these, "attended" or "failed".
 */
export type Answer = StartedAnswer | KeptAnswer | AttendedAnswer | FailedAnswer;

export interface StartedAnswer {
  readonly kind: 'started';
}

/** The worker has copied the keys and values to its memory and returns them. */
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

/** An error after which the worker can go on. */
export interface FailedAnswer {
  readonly kind: 'failed';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
}
