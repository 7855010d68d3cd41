import { DIGITS, formatFixed, formatShort } from '../numbers/numberFormat.ts';
import { ARTICLE, ASSUMED_WEIGHTS } from '../state/article.ts';
import { arrivalOf, type Lane, type Standing } from './lanes.ts';

/** What the lanes print. */

const [less, more] = ASSUMED_WEIGHTS.map(formatShort);

export function nameOf({ id, divisor }: Lane): string {
  if (id === 'off') return 'not divided';
  const by = id === 'root' ? `√${ARTICLE.q[0].length}` : formatFixed(divisor, DIGITS.output);
  return `divided by ${by}`;
}

/** With fixed decimals: what rounds to 0 is 0 here. */
export function printAll(numbers: readonly number[], digits: number): string {
  return numbers.map((value) => formatFixed(Number(value.toFixed(digits)) + 0, digits)).join(', ');
}

/** Three digits, as many as differ from step to step. */
export function pullOf({ pull }: Standing): string {
  return formatShort(Number(pull.toPrecision(3)));
}

/** `softest` is the pull at the article's weights. */
export function comparedOf({ pull }: Standing, softest: number): string {
  const times = softest / pull;
  const print = (value: number) => formatFixed(value, value < 10 ? 1 : 0);
  if (print(times) === print(1)) return `, that of ${less} and ${more}`;
  return times > 1 ? `, ${print(times)} times weaker` : `, ${print(1 / times)} times stronger`;
}

export function verdictOn({ id }: Lane, standings: readonly Standing[]): string {
  const arrival = arrivalOf(standings);
  if (arrival === null) return standings.length === 1 ? 'At the start.' : 'On its way.';
  if (arrival > 0) return `At the target since step ${arrival}.`;
  return id === 'assumed'
    ? `At the target already: only with this divisor are ${less} and ${more} the softmax of the scores. To see it learn, choose the other target.`
    : 'At the target already.';
}
