import { oneOf, walk, wholeNumber } from '../state/fields.ts';
import { part } from '../state/part.ts';

export const WIDTHS = [1, 2, 4] as const;
/** No row has more tiles than keys. */
const MOST_TILES = 12;

export const TILES = part('tiles', {
  /** Keys in a tile. */
  width: oneOf(WIDTHS, 2),
  /** Tiles read so far. */
  read: walk(wholeNumber(0, 0, MOST_TILES)),
});

export const LENGTHS = [128, 256, 512, 1024] as const;

export const BENCHMARK = part('benchmark', { length: oneOf(LENGTHS, 512) });
