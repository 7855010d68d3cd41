import { formatShort } from '../numbers/numberFormat.ts';
import type { Options } from './model.ts';

/** The article's four steps: the field's name, the article's name where it is another, and what happens. */
export interface Step {
  readonly name: string;
  readonly sentence: string;
}

const SCALING =
  'Divide each score by the square root of the depth, the number of columns of Q and K.';

export const STEPS = [
  {
    name: 'Matching',
    sentence:
      'Multiply the query and a key number by number, and add up the products. The sum is their dot product, the score of the key. A large score means that the key fits the query.',
  },
  {
    name: 'Scaling',
    sentence: `${SCALING} Otherwise long vectors would give scores so far apart that one key takes everything.`,
  },
  {
    name: 'Softmax',
    sentence:
      'Softmax turns the scores into weights (the article: chances) that add up to 1. It takes the exponential of each score and divides it by their sum.',
  },
  {
    name: 'Mixing',
    sentence:
      'Multiply each value by its weight and add up the products. This mixture is the output. A key with a weight near 1 passes its value on almost unchanged.',
  },
] as const satisfies readonly Step[];

export const STEP_COUNT = STEPS.length;

/** What happens in a step with these options. */
export function sentenceOf(step: number, { scale }: Options): string {
  const said = STEPS[step]?.sentence ?? '';
  if (step !== 1 || scale === 'root') return said;
  return scale === 'off'
    ? 'Here the scores stay as they are, because the option “not divided” is on. Usually this step divides each score by the square root of the depth.'
    : `Divide each score by ${formatShort(scale)}, your own divisor. Usually this step divides by the square root of the depth, the number of columns of Q and K.`;
}
