import { Damage, type Field, flag, walk, wholeNumber } from '../state/fields.ts';
import { part, type StateOf } from '../state/part.ts';
import { HEADS, WORDS } from './twoHeads.ts';

/** For each head, words × words: whether the reader cut the line. */
export type Cuts = readonly (readonly (readonly boolean[])[])[];

const NONE: Cuts = HEADS.map(() => WORDS.map(() => WORDS.map(() => false)));

/** Each cut line as three digits, head, word and key, counted from 0: `043,032`. */
const cutLines: Field<Cuts> = {
  initial: NONE,
  write: (cuts) =>
    cuts
      .flatMap((rows, head) =>
        rows.flatMap((row, word) =>
          row.flatMap((isCut, key) => (isCut ? [`${head}${word}${key}`] : [])),
        ),
      )
      .join(','),
  read: (text, name) => {
    const lines = text.split(',');
    const isLine = (line: string) =>
      /^\d{3}$/.test(line) && NONE[Number(line[0])]?.[Number(line[1])]?.[Number(line[2])] === false;
    if (!lines.every(isLine)) throw new Damage(`${name} names a line that is not there`);
    return NONE.map((rows, head) =>
      rows.map((row, word) => row.map((_, key) => lines.includes(`${head}${word}${key}`))),
    );
  },
};

const last = WORDS.length - 1;

export const LINES = part('masks', {
  /** The head that is shown. */
  head: walk(wholeNumber(0, 0, HEADS.length - 1)),
  /** The word that asks, and the word that it is asked about: the pair that is explained. */
  word: walk(wholeNumber(last, 0, last)),
  key: walk(wholeNumber(last - 1, 0, last)),
  /** Whether no word hears a later one. Holds in both heads. */
  causal: flag(),
  cuts: cutLines,
});

export type Lines = StateOf<typeof LINES>;
