import { formatShort } from '../numbers/numberFormat.ts';
import type { Options } from './model.ts';

/** The options that differ from those of the page as it opens, in words. */
export function optionsInForce(options: Options): string[] {
  const { scale, causal, left, right, mask, softcap } = options;
  return [
    causal && 'causal mask',
    (left !== null || right !== null) && 'window',
    mask !== null && 'mask drawn by hand',
    scale === 'off' && 'scores not divided',
    typeof scale === 'number' && `scores divided by ${formatShort(scale)}`,
    softcap > 0 && `softcap ${formatShort(softcap)}`,
  ].filter((text) => text !== false);
}
