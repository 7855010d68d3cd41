/** The article's four steps, in its own words for their names. */
export interface Step {
  readonly name: string;
  readonly sentence: string;
}

export const STEPS = [
  {
    name: 'Matching',
    sentence:
      'Multiply each query with each key, number by number, and add up. A large score says: this key is what the query is looking for.',
  },
  {
    name: 'Adjusting the scale',
    sentence:
      'Divide each score by the square root of the depth. Longer vectors add up to larger scores; this keeps them in the range where the next step still listens to more than one key.',
  },
  {
    name: 'Chances',
    sentence:
      'Turn each row into weights that add up to 1: exponentials, divided by their sum. The largest score of the row is subtracted first, which changes no weight and keeps the exponentials from overflowing.',
  },
  {
    name: 'Applying them',
    sentence:
      'Mix the values in these proportions. A key with weight near 1 passes its value on almost unchanged; one with weight near 0 is hardly heard.',
  },
] as const satisfies readonly Step[];

export const STEP_COUNT = STEPS.length;
