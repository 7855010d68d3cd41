// All contenders, by their names in the tables. `open(environment)` imports the library and gives
// { prepare(problem, inputs) }. `prepare` gives { run(), outputOf(result), dispose?() }, or undefined if the
// library cannot compute the problem. Only `run()` is timed; it may return a promise.

import { openJax } from './jax.mjs';
import { onnxruntime } from './onnxruntime.mjs';
import { openPlain } from './plain.mjs';
import { pool, qkv } from './qkv.mjs';
import { openRuvector } from './ruvector.mjs';
import { openTfjs } from './tfjs.mjs';

export const CONTENDERS = {
  'qkv relaxed': qkv('relaxed'),
  'qkv simd': qkv('simd'),
  'qkv scalar': qkv('scalar'),
  'qkv relaxed, out': qkv('relaxed', { out: true }),
  'qkv simd, out': qkv('simd', { out: true }),
  'qkv pool, 1 worker': pool(1),
  'qkv pool, 2 workers': pool(2),
  'onnxruntime-web Attention': onnxruntime('Attention'),
  'onnxruntime-web Attention, relaxed': onnxruntime('Attention', { simd: 'relaxed' }),
  'onnxruntime-web MultiHeadAttention': onnxruntime('MultiHeadAttention'),
  'onnxruntime-web MultiHeadAttention, relaxed': onnxruntime('MultiHeadAttention', {
    simd: 'relaxed',
  }),
  'onnxruntime-web Attention, constant keys': onnxruntime('Attention', { constantKeys: true }),
  'jax-js': openJax,
  'tfjs-backend-wasm': openTfjs,
  ruvector: openRuvector,
  'plain JavaScript': openPlain,
};
