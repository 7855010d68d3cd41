import { type Advice, advice } from '../errors.js';

/**
 * What other libraries call the options of attention, and what to give here. `npm run migration` writes
 * docs/migration.md from it, with the library of each name (tools/migration.mjs).
 */
export const NAMES_ELSEWHERE: readonly (readonly [names: string, advice: Advice])[] = [
  ['softmax_scale scaling', advice`Give it as scale.`],
  [
    'causal unidirectional',
    advice`Give it as isCausal, and queryOffset: 'end', because there the last query stands at the last key.`,
  ],
  [
    'attn_mask',
    advice`Give booleans as mask, and numbers that are added to the scores as bias. Booleans of nn.MultiheadAttention exclude a key; invert them.`,
  ],
  [
    'attention_mask',
    advice`Give [B, S] of 0 and 1 as mask of shape [B, 1, 1, S], and numbers that are added to the scores as bias.`,
  ],
  [
    'key_padding_mask',
    advice`Give it as mask of shape [B, 1, 1, S], inverted if it is PyTorch's: there true excludes a key, here it attends.`,
  ],
  ['attn_bias attention_bias', advice`Give it as bias.`],
  [
    'window_size local_window_size',
    advice`Give window: { left, right }; Infinity is unbounded, not -1. FlashAttention's also needs queryOffset: 'end'.`,
  ],
  [
    'sliding_window',
    advice`Give window: { left: n - 1 }, because n counts the query's own key too, and isCausal for a causal model.`,
  ],
  ['alibi_slopes', advice`Give it as alibiSlopes. FlashAttention's also needs queryOffset: 'end'.`],
  ['attn_logit_softcapping', advice`Give it as softcap.`],
  ['s_aux head_sink', advice`Give it as sinks.`],
  ['add_zero_attn smooth_softmax', advice`Give sinks of 0, one for each head: that is the same.`],
  [
    'seqlens cache_seqlens seqused_k key_value_seq_lengths nonpad_kv_seqlen',
    advice`Give it as keyLengths: the number of keys of each batch element.`,
  ],
  ['seqlens_k', advice`Give keyLengths, each one more: seqlens_k is the index of the last key.`],
  [
    'query_seq_lengths seqused_q',
    advice`Leave it out. Ignore the rows of the output behind these lengths.`,
  ],
  [
    'cu_seqlens_q cu_seqlens_k max_seqlen_q max_seqlen_k block_table page_table',
    advice`Sequences are not packed here: pad them to [B, H, L, D] and give keyLengths.`,
  ],
  [
    'cache_leftpad',
    advice`Give a mask of shape [B, 1, 1, S] that is false for the first keys of each batch element.`,
  ],
  [
    'num_heads q_num_heads kv_num_heads num_key_value_heads num_key_value_groups enable_gqa',
    advice`Leave it out: the shapes [B, H, L, D] and [B, Hk, S, D] say it. For [B, L, H·D] give the shape [B, L, H, D] and layout: 'blhd'.`,
  ],
  [
    'need_weights output_attentions return_attn_probs return_weights average_attn_weights',
    advice`Give capture: ['weights']. They are of each head, not their average.`,
  ],
  ['return_softmax_lse return_residual', advice`Give capture: ['logSumExp'].`],
  [
    'qk_matmul_output_mode',
    advice`Give capture: ['scoresRaw'], ['scoresCapped'], ['scoresMasked'] or ['weights'].`,
  ],
  [
    'past_key past_value past_key_values k_cache v_cache use_cache',
    advice`Use createKVCache(): append keys and values, then attend(query, cache).`,
  ],
  [
    'rotary_cos rotary_sin rotary_interleaved do_rotary position_ids cos_cache sin_cache',
    advice`Rotate queries and keys before, with rotaryEmbedding(x, { positions, cos, sin, interleaved }).`,
  ],
  [
    'dropout dropout_p dropout_rate attention_dropout',
    advice`Leave it out: attention is computed without dropout here.`,
  ],
  ['deterministic', advice`Give it to createAttention().`],
  [
    'implementation num_splits stream softmax_precision mask_filter_value total_sequence_length',
    advice`Leave it out: the result does not depend on it here.`,
  ],
  ['query key value q k v', advice`It is an argument: attend(query, key, value, options).`],
];

/** The advice for a name of another library, in any of the usual spellings. */
export function adviceForElsewhere(name: string): Advice | undefined {
  const plain = plainOf(name);
  return NAMES_ELSEWHERE.find(([names]) => names.split(' ').some((n) => plainOf(n) === plain))?.[1];
}

function plainOf(name: string): string {
  return name.toLowerCase().replaceAll('_', '');
}
