// Writes docs/migration.md: the options of other libraries and what to give here. What to give stands in
// bindings/src/calls/names-elsewhere.ts, which errors use too; here stand the libraries and their names.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { markdownTable } from 'markdown-table';
import { asCommand, isCommand, PROJECT } from './project.mjs';

export const MIGRATION = join(PROJECT, 'docs/migration.md');

const NOTHING_DIFFERS = 'the same';
const TOP_LEFT = 'isCausal: the same, query 0 stands at key 0';

/** Each library: where its names are from, its tensors, and its options with what differs in those named alike. */
export const LIBRARIES = [
  {
    name: 'PyTorch, scaled_dot_product_attention',
    source:
      'https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html',
    tensors: "[B, H, L, D], as `layout: 'bhld'`",
    options: {
      attn_mask: '',
      dropout_p: '',
      is_causal: TOP_LEFT,
      scale: NOTHING_DIFFERS,
      enable_gqa: '',
    },
  },
  {
    name: 'PyTorch, nn.MultiheadAttention',
    source: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html',
    tensors: '[B, L, H·D] before its projections, which are not here',
    options: {
      num_heads: '',
      dropout: '',
      add_zero_attn: '',
      key_padding_mask: '',
      need_weights: '',
      attn_mask: '',
      average_attn_weights: '',
      is_causal: 'isCausal: there only a hint beside attn_mask, here it masks',
    },
  },
  {
    name: 'FlashAttention, flash_attn_func and flash_attn_with_kvcache',
    source:
      'https://github.com/Dao-AILab/flash-attention/blob/main/flash_attn/flash_attn_interface.py',
    tensors: "[B, L, H, D], as `layout: 'blhd'`; sequences may be packed",
    options: {
      dropout_p: '',
      softmax_scale: '',
      causal: '',
      window_size: '',
      softcap: NOTHING_DIFFERS,
      alibi_slopes: '',
      deterministic: '',
      return_attn_probs: '',
      cu_seqlens_q: '',
      cu_seqlens_k: '',
      max_seqlen_q: '',
      max_seqlen_k: '',
      block_table: '',
      k_cache: '',
      v_cache: '',
      rotary_cos: '',
      rotary_sin: '',
      rotary_interleaved: '',
      cache_seqlens: '',
      cache_leftpad: '',
      num_splits: '',
      return_softmax_lse: '',
    },
  },
  {
    name: 'FlashAttention 3',
    source: 'https://github.com/Dao-AILab/flash-attention/blob/main/hopper/flash_attn_interface.py',
    tensors: "[B, L, H, D], as `layout: 'blhd'`; sequences may be packed",
    options: { seqused_q: '', seqused_k: '', page_table: '' },
  },
  {
    name: 'ONNX, Attention',
    source: 'https://onnx.ai/onnx/operators/onnx__Attention.html',
    tensors: "[B, H, L, D], as `layout: 'bhld'`, or [B, L, H·D]",
    options: {
      attn_mask: '',
      is_causal: `${TOP_LEFT}; with past_key use a cache`,
      kv_num_heads: '',
      q_num_heads: '',
      past_key: '',
      past_value: '',
      nonpad_kv_seqlen: '',
      qk_matmul_output_mode: '',
      scale: NOTHING_DIFFERS,
      softcap: NOTHING_DIFFERS,
      softmax_precision: '',
    },
  },
  {
    name: 'onnxruntime, com.microsoft MultiHeadAttention and GroupQueryAttention',
    source: 'https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md',
    tensors: '[B, L, H·D]',
    options: {
      num_heads: '',
      kv_num_heads: '',
      mask_filter_value: '',
      scale: NOTHING_DIFFERS,
      unidirectional: '',
      key_padding_mask: '',
      attention_bias: '',
      past_key: '',
      past_value: '',
      seqlens_k: '',
      total_sequence_length: '',
      do_rotary: '',
      rotary_interleaved: '',
      cos_cache: '',
      sin_cache: '',
      position_ids: '',
      smooth_softmax: '',
      softcap: NOTHING_DIFFERS,
      head_sink: '',
    },
  },
  {
    name: 'transformers, attention of its models',
    source:
      'https://github.com/huggingface/transformers/blob/main/src/transformers/integrations/sdpa_attention.py',
    tensors: "[B, H, L, D], as `layout: 'bhld'`",
    options: {
      attention_mask: '',
      dropout: '',
      attention_dropout: '',
      scaling: '',
      is_causal: TOP_LEFT,
      sliding_window: '',
      attn_logit_softcapping: '',
      s_aux: '',
      num_key_value_heads: '',
      num_key_value_groups: '',
      output_attentions: '',
      position_ids: '',
      past_key_values: '',
      use_cache: '',
    },
  },
  {
    name: 'JAX, jax.nn.dot_product_attention',
    source: 'https://docs.jax.dev/en/latest/_autosummary/jax.nn.dot_product_attention.html',
    tensors: "[B, L, H, D], as `layout: 'blhd'`",
    options: {
      bias: NOTHING_DIFFERS,
      mask: 'the same: true attends',
      scale: NOTHING_DIFFERS,
      is_causal: TOP_LEFT,
      query_seq_lengths: '',
      key_value_seq_lengths: '',
      local_window_size: '',
      implementation: '',
      return_residual: '',
    },
  },
  {
    name: 'Flax, flax.linen.dot_product_attention',
    source:
      'https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/layers.html#flax.linen.dot_product_attention',
    tensors: "[B, L, H, D], as `layout: 'blhd'`",
    options: {
      bias: NOTHING_DIFFERS,
      mask: 'the same: true attends',
      dropout_rate: '',
      deterministic: 'leave it out: there it turns dropout off, and there is none here',
    },
  },
  {
    name: 'MLX, mx.fast.scaled_dot_product_attention',
    source:
      'https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.fast.scaled_dot_product_attention.html',
    tensors: "[B, H, L, D], as `layout: 'bhld'`",
    options: {
      scale: NOTHING_DIFFERS,
      mask: "booleans: the same; numbers: bias; 'causal': isCausal with queryOffset: 'end'",
      sinks: NOTHING_DIFFERS,
      stream: '',
    },
  },
];

/** Names that no library above has, but that people write. */
export const ALSO_WRITTEN = [
  'seqlens',
  'attn_bias',
  'return_weights',
  'query',
  'key',
  'value',
  'q',
  'k',
  'v',
];

/** NAMES_ELSEWHERE of the package, as [name, advice] for each name. */
export async function namesElsewhere() {
  const { outputFiles } = await build({
    entryPoints: [join(PROJECT, 'bindings/src/calls/names-elsewhere.ts')],
    bundle: true,
    format: 'esm',
    write: false,
  });
  const { NAMES_ELSEWHERE } = await import(
    `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`
  );
  return NAMES_ELSEWHERE.flatMap(([names, advice]) =>
    names.split(' ').map((name) => [name, advice]),
  );
}

export async function migrationText() {
  const advice = new Map(await namesElsewhere());
  const sections = LIBRARIES.map(({ name, source, tensors, options }) => {
    const rows = Object.entries(options).map(([option, alike]) => [
      `\`${option}\``,
      (alike || advice.get(option)).replaceAll('|', '\\|'),
    ]);
    const table = markdownTable([['there', 'here'], ...rows]);
    return `## ${name}\n\nTensors: ${tensors}. Names from <${source}>.\n\n${table}\n`;
  });
  return `${HEADING}\n${sections.join('\n')}`;
}

const HEADING = `# From other libraries

What other libraries call the options of attention, and what to give here. \`npm run migration\` writes this page
from the table that errors use: an unknown option of another library is refused with the text that stands here.

- **true attends** in a mask here, as in PyTorch's \`scaled_dot_product_attention\`, ONNX and JAX.
- **A mask or bias is aligned to the right** of [B, H, L, S]. Padding [B, S] needs the shape [B, 1, 1, S].
- **Query 0 stands at key 0** unless \`queryOffset\` says otherwise, as in PyTorch, ONNX and JAX. FlashAttention and
  MLX place the last query at the last key: \`queryOffset: 'end'\`. It moves \`isCausal\`, \`window\` and \`alibiSlopes\`.
- **Consecutive query heads share** a key/value head, as in all of these libraries.
- **Tensors** may be \`{ data, shape }\` or \`{ data, dims }\`, with Float32Array, Float64Array (rounded to float32),
  Float16Array, or float16 bits in a Uint16Array with \`type: 'float16'\`. So tensors of onnxruntime and
  transformers.js can be given as they are.
`;

if (isCommand(import.meta.url))
  await asCommand(async () => writeFileSync(MIGRATION, await migrationText()));
