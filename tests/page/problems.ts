import { linkTo } from './link.ts';
import { random } from './random.ts';
import { ARTICLE, type Options, type Problem } from './reference.ts';

const FIVE = random(2, 4, 4, 2, 2);
const DRAWN = [
  [true, true, false, true],
  [true, false, true, true],
  [false, true, true, true],
  [false, false, false, false],
];
const drawn = DRAWN.map((row) => row.map(Number).join('')).join(',');

export interface Case {
  readonly name: string;
  readonly problem: Problem;
  readonly options: Options;
  /** The same, as a link has it. */
  readonly hash: string;
}

const of = (name: string, problem: Problem, fields = '', options: Options = {}): Case => ({
  name,
  problem,
  options,
  hash: linkTo(problem) + fields,
});

/** Problems of one head, with every option of the page. */
export const CASES: readonly Case[] = [
  of('the article', ARTICLE),
  of('three queries, four keys', random(1, 3, 4, 3, 2)),
  of('one of everything', { q: [[2]], k: [[-1.5]], v: [[0.25]] }),
  of('negative and tiny numbers', {
    q: [[-3, 1e-3]],
    k: [
      [1.5, -2],
      [4, 0.5],
    ],
    v: [[-1], [1e-5]],
  }),
  of('weights that underflow to the eye', {
    q: [[10]],
    k: [[1], [4]],
    v: [
      [1, -1],
      [2, -2],
    ],
  }),
  of('causal', FIVE, '&causal=1', { sees: (i, j) => j <= i }),
  of('a window', FIVE, '&left=1&right=0', { sees: (i, j) => j <= i && j >= i - 1 }),
  of('keys after alone', FIVE, '&right=1', { sees: (i, j) => j <= i + 1 }),
  of('causal, positions that end together', random(4, 2, 4, 2, 2), '&causal=1&end=1', {
    sees: (i, j) => j <= i + 2,
  }),
  of(
    'a mask by hand with an empty row, softcap, not divided',
    FIVE,
    `&mask=${drawn}&softcap=3&scale=1`,
    {
      sees: (i, j) => DRAWN[i][j],
      softcap: 3,
      divisor: 1,
    },
  ),
  of('a divisor of one’s own', FIVE, '&scale=0.75', { divisor: 0.75 }),
];
