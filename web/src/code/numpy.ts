import type { Computation } from '../state/computation.ts';
import { isMasked, type Model, shapeOf } from '../state/model.ts';
import { arrayLiteral, printed } from './literals.ts';
import { type Dialect, divisor, hasEmptyRow, maskLines } from './python.ts';

const NUMPY: Dialect = { module: 'np', boolean: 'bool', array: 'np.array' };

/** A script that computes the numbers of the page from the formula. */
export function numpy(model: Model, heads: readonly Computation[]): string {
  const { options } = model;
  const { softcap } = options;
  const isEmpty = hasEmptyRow(heads);
  const largest = isEmpty ? 'np.maximum(largest, np.finfo(np.float32).min)' : 'largest';
  const lines = [
    'import numpy as np',
    '',
    ...(['q', 'k', 'v'] as const).map(
      (name) => `${name} = np.array(${arrayLiteral(model, name)}, dtype=np.float32)`,
    ),
    ...sharedHeads(model),
    '',
    `scores = q @ k.swapaxes(-1, -2)${divisor(options, 'np.sqrt(q.shape[-1])')}`,
    ...(softcap > 0 ? [`scores = ${softcap} * np.tanh(scores / ${softcap})`] : []),
    ...maskLines(model, NUMPY),
    ...(isMasked(options) ? ['scores = np.where(mask, scores, -np.inf)'] : []),
    'largest = scores.max(axis=-1, keepdims=True)',
    `weights = np.exp(scores - ${largest})`,
    isEmpty
      ? 'weights /= np.maximum(weights.sum(axis=-1, keepdims=True), 1)  # no key left: 0'
      : 'weights /= weights.sum(axis=-1, keepdims=True)',
    '',
    `print(weights)  # ${printed(heads, 'weights')}`,
    `print(weights @ v)  # ${printed(heads, 'output')}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Grouped heads: consecutive query heads share a key and value head. */
function sharedHeads(model: Model): string[] {
  const { heads, keyHeads } = shapeOf(model);
  // NumPy broadcasts a single head over those of q.
  if (heads === keyHeads || keyHeads === 1) return [];
  const group = heads / keyHeads;
  return [`k, v = np.repeat(k, ${group}, axis=0), np.repeat(v, ${group}, axis=0)`];
}
