import type { Computation } from '../state/computation.ts';
import { isMasked, type Model, type Options, shapeOf } from '../state/model.ts';
import { arrayLiteral, printed } from './literals.ts';
import { type Dialect, divisor, hasEmptyRow, maskLines } from './python.ts';

const TORCH: Dialect = { module: 'torch', boolean: 'torch.bool', array: 'torch.tensor' };

/**
 * A script that computes the numbers of the page. It calls PyTorch's built-in attention where that has
 * the options, otherwise it writes the formula out. (The built-in has no softcap, and for a query without
 * keys some versions give NaN and some give 0.)
 */
export function pytorch(model: Model, heads: readonly Computation[]): string {
  const builtIn = model.options.softcap === 0 && !hasEmptyRow(heads);
  const lines = [
    'import torch',
    ...(builtIn ? ['from torch.nn.functional import scaled_dot_product_attention'] : []),
    '',
    ...(['q', 'k', 'v'] as const).map(
      (name) => `${name} = torch.tensor(${arrayLiteral(model, name)}, dtype=torch.float32)`,
    ),
    ...sharedHeads(model),
    ...(builtIn ? byFunction(model) : byFormula(model)),
    '',
    `print(output)  # ${printed(heads, 'output')}`,
  ];
  return `${lines.join('\n')}\n`;
}

function byFunction(model: Model): string[] {
  const { options } = model;
  const [scale] = scaleArgument(options);
  const plainCausal = isPlainCausal(options);
  const masked = isMasked(options) && !plainCausal;
  const arguments_ = [
    'q, k, v',
    ...(plainCausal ? ['is_causal=True'] : []),
    ...(masked ? ['attn_mask=mask'] : []),
    ...(scale ? [scale] : []),
  ];
  return [
    ...(masked ? maskLines(model, TORCH) : []),
    '',
    `output = scaled_dot_product_attention(${arguments_.join(', ')})`,
  ];
}

function byFormula(model: Model): string[] {
  const { options } = model;
  const { softcap } = options;
  const masked = isMasked(options);
  return [
    '',
    `scores = q @ k.transpose(-1, -2)${divisor(options, 'q.shape[-1] ** 0.5')}`,
    ...(softcap > 0 ? [`scores = ${softcap} * torch.tanh(scores / ${softcap})`] : []),
    ...maskLines(model, TORCH),
    ...(masked ? ['scores = scores.masked_fill(~mask, -torch.inf)'] : []),
    `weights = scores.softmax(dim=-1)${masked ? '.nan_to_num()  # no key left: 0' : ''}`,
    'output = weights @ v',
  ];
}

/** PyTorch's causal mask aligns the first query with the first key, and allows no other mask. */
function isPlainCausal({ causal, alignEnd, left, right, mask }: Options): boolean {
  return causal && !alignEnd && left === null && right === null && mask === null;
}

function scaleArgument({ scale }: Options): string[] {
  if (scale === 'root') return [];
  return [`scale=${scale === 'off' ? '1.0' : `1 / ${scale}`}`];
}

/** Grouped heads: consecutive query heads share a key and value head. */
function sharedHeads(model: Model): string[] {
  const { heads, keyHeads } = shapeOf(model);
  if (heads === keyHeads) return [];
  if (keyHeads === 1) return [`k, v = k.expand(${heads}, -1, -1), v.expand(${heads}, -1, -1)`];
  const group = heads / keyHeads;
  return [`k, v = k.repeat_interleave(${group}, dim=0), v.repeat_interleave(${group}, dim=0)`];
}
