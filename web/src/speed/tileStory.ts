import { DIGITS, formatFixed } from '../numbers/numberFormat.ts';
import type { TileStep } from './onlineSoftmax.ts';

/** What the tile that was read last changed, in a sentence or two. `read` is the number of tiles read. */
export function tileStory(step: TileStep | undefined, read: number, count: number): string {
  if (!step) return 'No tile is read yet, so nothing is kept.';
  const largest = formatFixed(step.after.max, DIGITS.score);
  const tile = `Tile ${read} of ${count}:`;
  if (read === 1) {
    return `${tile} its largest score is ${largest}. Nothing was kept before, so the factor is 0.`;
  }
  if (step.after.max === step.before.max) {
    return `${tile} no score is above ${largest}, so the kept numbers stay right: the factor is 1.`;
  }
  const factor = formatFixed(step.factor, DIGITS.weight);
  return `${tile} a larger score, ${largest}. The kept numbers refer to the old maximum, so all of them are multiplied by ${factor}.`;
}
