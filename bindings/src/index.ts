export { type ErrorCode, type ErrorDetails, QkvError } from './errors.js';
export { createAttention } from './loading/create.js';
export type {
  Attention,
  AttentionOptions,
  AttentionResult,
  AttentionTrace,
  BooleanTensorInput,
  Captured,
  CreateOptions,
  Even,
  KVCache,
  KVCacheOptions,
  MergeOptions,
  NestedNumbers,
  ResidentTensor,
  ResultWith,
  RotaryOptions,
  Tensor,
  TensorInput,
  Variant,
} from './types.js';
