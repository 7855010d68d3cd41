/** The article's four steps, with the article's names for them. */
export interface Step {
  readonly name: string;
  readonly sentence: string;
}

export const STEPS = [
  {
    name: 'Matching',
    sentence:
      'Multiply each query with each key, number by number, and add up the products. This is their dot product, the score. A large score means that the key is what the query is looking for.',
  },
  {
    name: 'Adjusting the scale',
    sentence:
      'Divide each score by the square root of the depth. Longer vectors give larger scores. The division keeps the scores in the range where the next step still listens to more than one key.',
  },
  {
    name: 'Chances',
    sentence:
      'Softmax turns each row of scores into weights (the article: chances) that add up to 1: exponentials, divided by their sum. It first subtracts the largest score of the row. This changes no weight and keeps the exponentials from overflowing.',
  },
  {
    name: 'Applying them',
    sentence:
      'Multiply each value by its weight and add up the products. A key with a weight near 1 passes its value on almost unchanged. A key with a weight near 0 adds almost nothing.',
  },
] as const satisfies readonly Step[];

export const STEP_COUNT = STEPS.length;
