import { CODE } from '../code/state.ts';
import { LINES } from '../heads/state.ts';
import { LARGE } from '../large/state.ts';
import { LANES, SOFTMAX, SPREAD } from '../scaling/state.ts';
import { BENCHMARK, TILES } from '../speed/state.ts';
import { STAGE } from '../stage/state.ts';
import { WORDS } from '../words/state.ts';
import type { Part } from './part.ts';

/**
 * The parts of the page whose state a link holds and undo takes back. A new one is declared by `part` in a
 * small file of its section, and listed here: a link is read before the section's figures are fetched.
 */
export const PARTS: readonly Part[] = [
  STAGE,
  WORDS,
  LINES,
  LANES,
  SPREAD,
  SOFTMAX,
  LARGE,
  TILES,
  BENCHMARK,
  CODE,
];
