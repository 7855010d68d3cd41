export { createAttention } from './create.js';
export { type ErrorCode, type ErrorDetails, QkvError } from './errors.js';
export type {
  Attention,
  AttentionOptions,
  AttentionResult,
  AttentionTrace,
  BooleanTensorInput,
  Captured,
  CreateOptions,
  KVCache,
  KVCacheOptions,
  MergeOptions,
  NestedNumbers,
  ResidentTensor,
  RotaryOptions,
  Tensor,
  TensorInput,
  Variant,
} from './types.js';
