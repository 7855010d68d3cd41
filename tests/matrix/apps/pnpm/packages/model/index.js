export { createAttention } from 'qkv';
export { createAttentionPool } from 'qkv/pool';
