export { createAttention } from './create.js';
export { type ErrorCode, QkvError } from './errors.js';
export type {
  Attention,
  AttentionOptions,
  AttentionResult,
  AttentionTrace,
  BooleanTensorInput,
  Captured,
  CreateOptions,
  NestedNumbers,
  ResidentTensor,
  Tensor,
  TensorInput,
  Variant,
} from './types.js';
