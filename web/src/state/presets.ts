import { ARTICLE } from './article.ts';
import type { InputName } from './cells.ts';
import { type Heads, type Model, type Options, PLAIN } from './model.ts';

/** Inputs that show something. Their results are computed. */
export interface Preset {
  readonly name: string;
  /** What the reader can see in it. */
  readonly says: string;
  readonly matrices: Record<InputName, Heads>;
  readonly options?: Partial<Options>;
}

const IDENTITY = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const LONG = Array.from({ length: 10 }, (_, position) => position);

export const PRESETS: readonly Preset[] = [
  {
    name: 'The article’s example',
    says: 'One query, two keys: the second key fits better and takes nearly all the weight.',
    matrices: { q: [ARTICLE.q], k: [ARTICLE.k], v: [ARTICLE.v] },
  },
  {
    name: 'Identity',
    says: 'Each query equals one key and is at right angles to the others. It prefers that key only slightly, because a difference of 1 in the scores is small.',
    matrices: { q: [IDENTITY], k: [IDENTITY], v: [IDENTITY] },
  },
  {
    name: 'One-hot keys',
    says: 'The keys work as a lookup table. A long query picks one row. A query that fits two keys equally gets the mean of their values.',
    matrices: {
      q: [
        [
          [0, 30, 0],
          [30, 0, 30],
        ],
      ],
      k: [IDENTITY],
      v: [
        [
          [10, 1],
          [20, 2],
          [30, 3],
        ],
      ],
    },
  },
  {
    name: 'Long causal',
    says: 'Ten tokens; each sees itself and the tokens before it. The first token sees only itself, so its weight is 1.',
    matrices: {
      q: [LONG.map((i) => [1 + (i % 3), (i % 4) - 1])],
      k: [LONG.map((j) => [j % 2, (j % 5) - 2])],
      v: [LONG.map((j) => [j + 1, 10 * (j % 2)])],
    },
    options: { causal: true },
  },
  {
    name: 'Grouped heads',
    says: 'Four query heads share two heads of keys and values. Heads 1 and 2 read the first, heads 3 and 4 the second.',
    matrices: {
      q: [
        [
          [3, 4],
          [1, 0],
        ],
        [
          [4, -3],
          [0, 2],
        ],
        [
          [-1, 2],
          [2, 2],
        ],
        [
          [2, 1],
          [-2, 1],
        ],
      ],
      k: [
        [
          [1, 2],
          [2, 3],
          [0, 1],
        ],
        [
          [1, -1],
          [0, 2],
          [-1, 1],
        ],
      ],
      v: [
        [
          [7, 8],
          [9, 10],
          [11, 12],
        ],
        [
          [1, 0],
          [0, 1],
          [1, 1],
        ],
      ],
    },
  },
  {
    name: 'An empty row',
    says: 'The second query sees no key. Its weights and its output are 0; nothing is divided by 0.',
    matrices: {
      q: [
        [
          [3, 4],
          [4, 3],
        ],
      ],
      k: [ARTICLE.k],
      v: [ARTICLE.v],
    },
    options: {
      mask: [
        [true, true],
        [false, false],
      ],
    },
  },
];

/** Replaces the matrices and options by those of a preset; the step stays. */
export function usePreset({ matrices, options }: Preset): (model: Model) => Model {
  return ({ step }) => ({ ...matrices, options: { ...PLAIN, ...options }, step });
}
