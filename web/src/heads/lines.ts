import { indices } from '../numbers/matrix.ts';
import { stateOf } from '../state/part.ts';
import { LINES, type Lines } from './state.ts';
import { WORDS } from './twoHeads.ts';

/** “steep” asks; in head A it listens to “was”. */
export const DEFAULT_LINES: Lines = stateOf({}, LINES);

/** Pure functions from one state to the next. */

/** Cuts the line from the asking word to `key` in the shown head, or mends it. An excluded line stays. */
export function toggleLine(lines: Lines, key: number): Lines {
  if (excludedBy(lines, lines.word, key)) return lines;
  const isCut = isCutIn(lines, lines.head, lines.word, key);
  return { ...cut(lines, [[lines.word, key]], !isCut), key };
}

/** Cuts the line from every word to the word before it, in the shown head, or mends these lines. */
export function cutWordBefore(lines: Lines, isCut: boolean): Lines {
  return cut(lines, BEFORE, isCut);
}

export function isWordBeforeCut(lines: Lines): boolean {
  return BEFORE.every(([word, key]) => isCutIn(lines, lines.head, word, key));
}

export function mendAll(lines: Lines): Lines {
  return { ...lines, causal: false, cuts: DEFAULT_LINES.cuts };
}

export function isWhole({ causal, cuts }: Lines): boolean {
  return !causal && !cuts.flat(2).includes(true);
}

/** Whether “causal” takes the key from the word, whatever the reader cut. */
export function excludedBy({ causal }: Lines, word: number, key: number): boolean {
  return causal && key > word;
}

const BEFORE = indices(WORDS.length - 1).map((key) => [key + 1, key] as const);

function isCutIn({ cuts }: Lines, head: number, word: number, key: number): boolean {
  return cuts[head]?.[word]?.[key] ?? false;
}

function cut(lines: Lines, pairs: readonly (readonly [number, number])[], to: boolean): Lines {
  const cuts = lines.cuts.map((rows, head) =>
    head !== lines.head
      ? rows
      : rows.map((row, word) =>
          row.map((isCut, key) => (pairs.some(([w, k]) => w === word && k === key) ? to : isCut)),
        ),
  );
  return { ...lines, cuts };
}
