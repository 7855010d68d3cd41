import type { Attention } from 'qkv';
import { indices } from '../numbers/matrix.ts';
import { DIGITS, formatFixed } from '../numbers/numberFormat.ts';
import { isEmptyRow } from '../state/computation.ts';
import { DEFAULT_LINES, toggleLine } from './lines.ts';
import { ignoresWordBefore, type Listening, listen } from './listening.ts';
import type { Lines } from './state.ts';
import { HEADS, WORDS } from './twoHeads.ts';

const weight = (value: number) => formatFixed(value, DIGITS.weight);

/** What the asking word hears in the shown head, and what the cuts changed, in two or three sentences. */
export function sayListening(listening: Listening, whole: Listening, lines: Lines): string {
  const { head, word } = lines;
  const [now, before] = [listening.heads[head], whole.heads[head]];
  const name = HEADS[head]?.name;
  if (!now || !before) return '';
  const ignored = ignoresWordBefore(listening, head)
    ? ` Head ${name} now ignores the word before. The other head still hears it.`
    : '';
  if (isEmptyRow(now, word)) {
    return `In head ${name}, “${WORDS[word]}” hears no word: its weights and its output are 0.${ignored}`;
  }
  const keys = loudest(listening, head, word);
  const [key = 0] = keys;
  const names = keys.map((each) => (each === word ? 'itself' : `“${WORDS[each]}”`)).join(' and ');
  const each = keys.length > 1 ? ' each' : '';
  const listens = `In head ${name}, “${WORDS[word]}” listens most to ${names}: ${weight(now.weights.at(word, key))}${each}.`;
  const was = before.weights.at(word, key);
  const change =
    was === now.weights.at(word, key) ? '' : ` With all lines this weight is ${weight(was)}.`;
  return listens + change + ignored;
}

/** What the weights do that are left when the thickest line is cut: 0 they grow, 1 they stay, 2 they shrink. */
export function gainOf(engine: Attention): number {
  const whole = listen(engine, DEFAULT_LINES);
  const { head, word } = DEFAULT_LINES;
  const [cut = 0] = loudest(whole, head, word);
  const after = listen(engine, toggleLine(DEFAULT_LINES, cut));
  const [other = 0] = indices(WORDS.length)
    .filter((key) => key !== cut)
    .reverse();
  const at = ({ heads }: Listening) => heads[head]?.weights.at(word, other) ?? Number.NaN;
  return 1 - Math.sign(at(after) - at(whole));
}

/** The words with the largest weight; more than one where the printed weights are the same. */
function loudest({ heads }: Listening, head: number, word: number): number[] {
  const keys = indices(WORDS.length);
  const weightOf = (key: number) => heads[head]?.weights.at(word, key) ?? 0;
  const largest = weight(Math.max(...keys.map(weightOf)));
  return keys.filter((key) => weight(weightOf(key)) === largest);
}
