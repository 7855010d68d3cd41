/** The sections in the order of the page, each with its name and its one idea. */
export interface Section {
  readonly id: string;
  readonly name: string;
  /** The name in the contents. */
  readonly short: string;
  readonly idea: string;
}

export const SECTIONS = [
  {
    id: 'example',
    name: 'The worked example',
    short: 'Worked example',
    idea: 'A dot product compares each query with every key. Softmax turns these scores into weights (the article: chances). The weights mix the values.',
  },
  {
    id: 'matrices',
    name: 'Your own matrices',
    short: 'Your matrices',
    idea: 'The formula works for any number of queries, keys and columns, as long as the matrices fit each other.',
  },
  {
    id: 'masks',
    name: 'Masks, scale, heads',
    short: 'Masks, scale, heads',
    idea: 'Models keep the formula. They decide which keys a query may see, how sharply softmax chooses, and how many heads ask.',
  },
  {
    id: 'why-scale',
    name: 'Why divide, why subtract the maximum',
    short: 'Why divide',
    idea: 'Two small steps keep the numbers in the range where softmax and single precision work.',
  },
  {
    id: 'large',
    name: 'At the size of a model',
    short: 'Large',
    idea: 'With hundreds of tokens the weights become a picture.',
  },
  {
    id: 'speed',
    name: 'How it is fast',
    short: 'Fast',
    idea: 'The weights of a whole row are never needed at once: a running maximum and a running sum are enough.',
  },
  {
    id: 'use',
    name: 'Use it',
    short: 'Use it',
    idea: 'A few lines of code compute the numbers that the page shows now.',
  },
] as const satisfies readonly Section[];

export type SectionId = (typeof SECTIONS)[number]['id'];
