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

/** Options that say how shapes are meant and where results go; readCall() reads them. */
type OfTheResult = 'layout' | 'capture' | 'out';

/** Options that change the numbers: members of qkv::Problem. */
type OfTheProblem = Exclude<keyof AttentionOptions, OfTheResult>;

/**
 * How a share of a call, which a worker computes, takes its part of an option (pool/portion.ts):
 * as it is; from its first query and key; its query heads; its query heads, if it is of the first of
 * the parts that are merged; its batch elements, counted from its first key; its box of [B, H, L, S].
 */
export type Sharing = 'whole' | 'position' | 'heads' | 'headsOnce' | 'lengths' | 'box';

interface Option {
  readonly kind: AnyKind;
  readonly sharing: Sharing;
}

/**
 * All that this package says of an option: what JavaScript gives, the members of qkv::Problem that it
 * fills, and how the pool shares it out. The core owns its meaning (src/problem/problem.hpp).
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

/** The options that were given, as their kinds read them. */
export type OptionValues = { [Name in OptionName]?: ValueOf<(typeof OPTIONS)[Name]['kind']> };

const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

export const ATTENTION_OPTIONS: readonly (keyof AttentionOptions)[] = [
  ...OPTION_NAMES,
  ...(Object.keys({ layout: 0, capture: 0, out: 0 } satisfies Record<
    OfTheResult,
    0
  >) as OfTheResult[]),
];
