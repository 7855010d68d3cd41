// Options by the names of other libraries. Each case gives one as that library means it; the right result is
// what that library would compute.

import { attend, QUERY, reference, where } from './setting.mjs';

const [B, H, L, S] = [2, 2, 2, 4];
const END = S - L; // where query 0 stands if the last one stands at the last key

/** An option that is refused, and for each way the options that the advice leads to. */
const renamed = (name, given, followed, expected) => ({
  name,
  given: (setting) => attend(setting, given),
  ways: Object.fromEntries(
    Object.entries(followed).map(([way, options]) => [way, (setting) => attend(setting, options)]),
  ),
  expected,
});

const ATTENDED = [true, true, true, false, true, true, false, false]; // [B, S]
const unpadded = where((_i, j, b) => ATTENDED[b * S + j]);
const EXCLUDED = ATTENDED.map((attends) => !attends); // as PyTorch's key_padding_mask
const padding = (data) => ({ data, shape: [B, 1, 1, S] });
const added = (bits) => Float32Array.from(bits, (attends) => (attends ? 0 : -Infinity));

const TRIANGLE = [true, true, false, false, true, true, true, false]; // [L, S]
const triangle = where((i, j) => TRIANGLE[i * S + j]);
const pairs = (data) => ({ data, shape: [L, S] });

const SLOPES = [0.5, 0.25];
const fromEnd = Array.from({ length: H * L * S }, (_, at) => {
  const [h, i, j] = [Math.floor(at / (L * S)), Math.floor(at / S) % L, at % S];
  return -SLOPES[h] * Math.abs(i + END - j);
});
const BIAS = { data: Float32Array.of(0.5, -1, 2, -Infinity), shape: [S] };

export const CASES = [
  renamed(
    'softmax_scale of FlashAttention',
    { softmax_scale: 0.3 },
    { scale: { scale: 0.3 } },
    reference({ scale: 0.3 }),
  ),
  renamed(
    'causal of FlashAttention',
    { causal: true },
    { isCausal: { isCausal: true, queryOffset: 'end' } },
    where((i, j) => j <= i + END),
  ),
  renamed(
    'attn_mask of PyTorch',
    { attn_mask: pairs(TRIANGLE) },
    {
      mask: { mask: pairs(TRIANGLE) },
      bias: { bias: pairs(added(TRIANGLE)) },
      'of nn.MultiheadAttention, inverted': {
        mask: pairs(TRIANGLE.map((attends) => !attends).map((excludes) => !excludes)),
      },
    },
    triangle,
  ),
  renamed(
    'attention_mask of transformers',
    { attention_mask: { data: BigInt64Array.from(ATTENDED, BigInt), dims: [B, S] } },
    {
      mask: { mask: padding(BigInt64Array.from(ATTENDED, BigInt)) },
      bias: { bias: padding(added(ATTENDED)) },
    },
    unpadded,
  ),
  renamed(
    'key_padding_mask of PyTorch',
    { key_padding_mask: { data: EXCLUDED, shape: [B, S] } },
    { 'mask, inverted': { mask: padding(EXCLUDED.map((excludes) => !excludes)) } },
    unpadded,
  ),
  renamed(
    'attention_bias',
    { attention_bias: BIAS },
    { bias: { bias: BIAS } },
    reference({ bias: BIAS }),
  ),
  renamed(
    'window_size of FlashAttention',
    { window_size: [1, 0] },
    { window: { window: { left: 1, right: 0 }, queryOffset: 'end' } },
    where((i, j) => j >= i + END - 1 && j <= i + END),
  ),
  renamed(
    'window_size of FlashAttention, unbounded to the left',
    { window_size: [-1, 0] },
    { window: { window: { left: Infinity, right: 0 }, queryOffset: 'end' } },
    where((i, j) => j <= i + END),
  ),
  renamed(
    'local_window_size of JAX',
    { local_window_size: [0, 1] },
    { window: { window: { left: 0, right: 1 } } },
    where((i, j) => j >= i && j <= i + 1),
  ),
  renamed(
    'sliding_window of transformers',
    { sliding_window: 1 },
    { window: { isCausal: true, window: { left: 1 - 1 } } },
    where((i, j) => j <= i && j > i - 1),
  ),
  renamed(
    'alibi_slopes of FlashAttention',
    { alibi_slopes: SLOPES },
    { alibiSlopes: { alibiSlopes: SLOPES, queryOffset: 'end' } },
    reference({ bias: { data: fromEnd, shape: [H, L, S] } }),
  ),
  renamed(
    'attn_logit_softcapping of transformers',
    { attn_logit_softcapping: 2 },
    { softcap: { softcap: 2 } },
    reference({ softcap: 2 }),
  ),
  renamed(
    's_aux of transformers',
    { s_aux: [1, 2] },
    { sinks: { sinks: [1, 2] } },
    reference({ sinks: [1, 2] }),
  ),
  renamed('seqlens', { seqlens: [3, 2] }, { keyLengths: { keyLengths: [3, 2] } }, unpadded),
  renamed(
    'seqlens_k of onnxruntime',
    { seqlens_k: Int32Array.of(2, 1) },
    { keyLengths: { keyLengths: Int32Array.of(2, 1).map((last) => last + 1) } },
    unpadded,
  ),
  renamed(
    'cache_leftpad of FlashAttention',
    { cache_leftpad: [0, 3] },
    {
      mask: {
        mask: padding(
          Array.from({ length: B * S }, (_, at) => at % S >= [0, 3][Math.floor(at / S)]),
        ),
      },
    },
    where((_i, j, b) => j >= [0, 3][b]),
  ),
  ...['dropout', 'implementation'].map((name) =>
    renamed(
      name,
      { [name]: 0.1, scale: 0.3 },
      { 'left out': { scale: 0.3 } },
      reference({ scale: 0.3 }),
    ),
  ),
  renamed(
    'query_seq_lengths of JAX',
    { query_seq_lengths: [L, L], isCausal: true },
    { 'left out': { isCausal: true } },
    where((i, j) => j <= i),
  ),
  renamed(
    'a letter too many',
    { scales: 0.3 },
    { spelling: { scale: 0.3 } },
    reference({ scale: 0.3 }),
  ),
  renamed(
    'letters that changed places',
    { isCasual: true },
    { spelling: { isCausal: true } },
    where((i, j) => j <= i),
  ),
  renamed(
    'is_causal of PyTorch',
    { is_causal: true },
    { spelling: { isCausal: true } },
    where((i, j) => j <= i),
  ),
  {
    name: 'an argument as an option',
    given: ({ attention }) => attention.attend(QUERY, QUERY, QUERY, { query: QUERY }),
    ways: { argument: ({ attention }) => attention.attend(QUERY, QUERY, QUERY).output.data },
    expected: reference({}, [QUERY, QUERY, QUERY]),
  },
];
