/** The page in its order: what each section is called, and the one idea that it is about. */
export interface Section {
  readonly id: string;
  readonly name: string;
  /** What the contents call it. */
  readonly short: string;
  readonly idea: string;
}

export const SECTIONS = [
  {
    id: 'example',
    name: 'The worked example',
    short: 'Worked example',
    idea: 'Each query is compared with every key; the scores become weights; the weights mix the values.',
  },
  {
    id: 'matrices',
    name: 'Your own matrices',
    short: 'Your matrices',
    idea: 'The formula asks for no particular size: any number of queries, keys and columns will do, as long as they fit.',
  },
  {
    id: 'masks',
    name: 'Masks, scale, heads',
    short: 'Masks, scale, heads',
    idea: 'Models do not change the formula. They decide which keys a query may see, how sharply it chooses, and how often it is asked.',
  },
  {
    id: 'why-scale',
    name: 'Why divide, why subtract the maximum',
    short: 'Why divide',
    idea: 'Two small steps keep the numbers where softmax and single precision work.',
  },
  {
    id: 'large',
    name: 'At the size of a model',
    short: 'Large',
    idea: 'With hundreds of tokens the weights are a picture.',
  },
  {
    id: 'speed',
    name: 'How it is fast',
    short: 'Fast',
    idea: 'The weights of a whole row are never needed at once: a running maximum and a running sum do.',
  },
  {
    id: 'use',
    name: 'Use it',
    short: 'Use it',
    idea: 'What is on the screen now, in a few lines of code.',
  },
] as const satisfies readonly Section[];

export type SectionId = (typeof SECTIONS)[number]['id'];
