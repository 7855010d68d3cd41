import type { AttentionOptions } from '../types.js';
import {
  type AnyKind,
  booleanBroadcast,
  flag,
  floatBroadcast,
  floatPerHead,
  integerPerBatch,
  number,
  offset,
  type ValueOf,
  windowBounds,
} from './option-kinds.js';

/** Options that describe shapes and results; readCall() reads them. */
type OfTheResult = 'layout' | 'capture' | 'out';

/** Options that are members of qkv::Problem. */
type OfTheProblem = Exclude<keyof AttentionOptions, OfTheResult>;

/**
 * What a worker gets of an option when it computes a part of a call (pool/portion.ts):
 *   whole      the same value
 *   position   the position of the part's first query, counted from its first key
 *   heads      the numbers of its query heads
 *   headsOnce  the same, but only in the first of the parts that are merged
 *   lengths    the lengths of its batch elements, counted from its first key
 *   box        its box of [B, H, L, S]
 */
export type Sharing = 'whole' | 'position' | 'heads' | 'headsOnce' | 'lengths' | 'box';

interface Option {
  readonly kind: AnyKind;
  readonly sharing: Sharing;
}

/**
 * All that the package knows of an option: its kind, the members of qkv::Problem that it fills, and how
 * the pool divides it. The core defines its meaning (src/problem/problem.hpp).
 */
export const OPTIONS = {
  scale: { kind: number('Problem_scale'), sharing: 'whole' },
  isCausal: { kind: flag('Problem_causal'), sharing: 'whole' },
  queryOffset: { kind: offset('Problem_query_offset', 'Problem_align_end'), sharing: 'position' },
  window: {
    kind: windowBounds('Problem_window_left', 'Problem_window_right'),
    sharing: 'whole',
  },
  mask: { kind: booleanBroadcast('Problem_mask'), sharing: 'box' },
  bias: { kind: floatBroadcast('Problem_bias'), sharing: 'box' },
  alibiSlopes: { kind: floatPerHead('Problem_alibi_slopes'), sharing: 'heads' },
  softcap: { kind: number('Problem_softcap'), sharing: 'whole' },
  sinks: { kind: floatPerHead('Problem_sinks'), sharing: 'headsOnce' },
  keyLengths: { kind: integerPerBatch('Problem_key_lengths'), sharing: 'lengths' },
} as const satisfies Record<OfTheProblem, Option>;

export type OptionName = keyof typeof OPTIONS;

/** Values of the options that were given. */
export type OptionValues = { [Name in OptionName]?: ValueOf<(typeof OPTIONS)[Name]['kind']> };

const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

export const ATTENTION_OPTIONS: readonly (keyof AttentionOptions)[] = [
  ...OPTION_NAMES,
  ...(Object.keys({ layout: 0, capture: 0, out: 0 } satisfies Record<
    OfTheResult,
    0
  >) as OfTheResult[]),
];
