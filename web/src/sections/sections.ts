/** The sections in the order of the page. */
export interface Section {
  readonly id: string;
  /** The part of the page: the lesson, or what people who build with it need. */
  readonly part: PartName;
  readonly name: string;
  /** The name in the contents. */
  readonly short: string;
  /** What it answers, in words that a reader of the article knows. */
  readonly question: string;
  /** The answer in brief, where the figures do not begin with it. */
  readonly idea?: string;
}

export const PART_NAMES = { learn: 'Learn', build: 'For builders' } as const;
export type PartName = keyof typeof PART_NAMES;

export const SECTIONS = [
  {
    id: 'example',
    part: 'learn',
    name: 'The worked example',
    short: 'Worked example',
    question: 'One word asks, two words answer. How much does each answer count?',
    idea: 'A query says what a word looks for. A key says what a word has to offer, and its value is what it hands over.',
  },
  {
    id: 'words',
    part: 'learn',
    name: 'From words to Q, K and V',
    short: 'Words to Q, K, V',
    question:
      'Where do the queries, keys and values come from, and what have they to do with words?',
  },
  {
    id: 'masks',
    part: 'learn',
    name: 'Masks and heads',
    short: 'Masks and heads',
    question: 'Which words may a word listen to? And why do models listen with several heads?',
  },
  {
    id: 'why-scale',
    part: 'learn',
    name: 'Why divide, why subtract',
    short: 'Why divide',
    question: 'Why are the scores divided? And why does softmax first subtract the largest one?',
  },
  {
    id: 'matrices',
    part: 'build',
    name: 'Your own matrices',
    short: 'Your matrices',
    question: 'Does the formula also work with your numbers?',
    idea: 'It works for any number of queries, keys and columns, as long as the matrices fit each other.',
  },
  {
    id: 'options',
    part: 'build',
    name: 'Options of the formula',
    short: 'Options',
    question: 'What do real models add to the formula?',
    idea: 'They decide which keys a query may see, how sharply softmax chooses, and how many heads ask. Here you decide it for your matrices.',
  },
  {
    id: 'large',
    part: 'build',
    name: 'Hundreds of tokens',
    short: 'Hundreds of tokens',
    question: 'What does attention look like for a whole page of text?',
    idea: 'With hundreds of tokens, which are words or pieces of words, the weights become a picture.',
  },
  {
    id: 'speed',
    part: 'build',
    name: 'How it is fast',
    short: 'How it is fast',
    question: 'How can a computer do all this in milliseconds?',
    idea: 'The weights of a whole row are never needed at once: a running maximum and a running sum are enough.',
  },
  {
    id: 'use',
    part: 'build',
    name: 'Use it',
    short: 'Use it',
    question: 'How do you compute this in a program of your own?',
    idea: 'A few lines of code compute the numbers that the page shows now.',
  },
] as const satisfies readonly Section[];

export type SectionId = (typeof SECTIONS)[number]['id'];

/** The sections of the first edition, whose links counted them from 1. */
export const FIRST_SECTIONS: readonly SectionId[] = [
  'example',
  'matrices',
  'options',
  'why-scale',
  'large',
  'speed',
  'use',
];

export function isSection(id: string): id is SectionId {
  return SECTIONS.some((section) => section.id === id);
}

/** The number of a section, from 1, as its heading shows it. */
export function numberOf(id: SectionId): number {
  return SECTIONS.findIndex((section) => section.id === id) + 1;
}
