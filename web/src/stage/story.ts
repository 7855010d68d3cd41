import type { CellKey } from '../state/cells.ts';
import type { LogitsName } from '../state/operands.ts';
import { matching, mixing, scaling, softmax } from './moves.ts';

/**
 * The four moves of the worked example as data. A move is made of beats. In a beat numbers go from spot to
 * spot, and at its end the numbers of some spots are known. The page draws any moment of it, so a move can
 * be played, paused, scrubbed and stepped.
 */

/** Where a number stands: in its cell, or in a row of the worked line. */
export type Spot = `cell ${CellKey}` | `row${number} ${CellKey}`;

export interface Flight {
  readonly number: CellKey;
  readonly from: Spot;
  readonly to: Spot;
}

export interface Beat {
  readonly ms: number;
  /** What happens, in a sentence. */
  readonly says: string;
  /** The row of the worked line that it fills. */
  readonly row: number;
  /** The key, or the column of the output, that the worked line is about. */
  readonly key: number;
  readonly column: number;
  readonly flights: readonly Flight[];
  /** The spots whose numbers are known when it ends. */
  readonly shows: readonly Spot[];
}

export type Move = readonly Beat[];
/** One move for each of the four steps. */
export type Story = readonly Move[];

export interface Plot {
  readonly query: number;
  readonly keys: number;
  readonly depth: number;
  readonly width: number;
  readonly logits: LogitsName;
}

/** With more keys or columns a move is not longer than this: its beats are shorter. */
const LONGEST_MS = 7500;

export function storyOf(plot: Plot): Story {
  return [matching(plot), scaling(plot), softmax(plot), mixing(plot)].map((move) => {
    const faster = Math.min(1, LONGEST_MS / lengthOf(move));
    return move.map((beat) => ({ ...beat, ms: beat.ms * faster }));
  });
}

/** In milliseconds. */
export function lengthOf(move: Move): number {
  return move.reduce((sum, { ms }) => sum + ms, 0);
}
