import type { Attention } from 'qkv';
import { ARTICLE, ASSUMED_WEIGHTS } from '../state/article.ts';
import type { Backward } from './gradient.ts';

/**
 * The article's query learns: in each lane the scores are divided by another number, and each step moves the
 * query a little against the gradient of the squared distance from a target.
 */
export interface Lane {
  readonly id: 'assumed' | 'root' | 'off';
  readonly divisor: number;
}

/** Where a lane stands after some steps. */
export interface Standing {
  readonly q: readonly number[];
  readonly weights: readonly number[];
  readonly output: readonly number[];
  /** p₁·p₂: how far the weights move when the two scores move apart by one. */
  readonly pull: number;
  /** The gradient of the loss for the query. */
  readonly gradient: readonly number[];
  /** The distance of the output from the target. */
  readonly distance: number;
}

/** The same in all lanes. Twice as much, and the undivided lane would jump over the second target for ever. */
export const RATE = 1;
/** A lane has arrived when its output is nearer to the target than this. */
export const NEAR = 0.01;
/** The divisor of the first lane makes the article's assumed weights the softmax of its scores. */
export function lanesOf(engine: Attention): Lane[] {
  const { products } = engine.trace(ARTICLE.q, ARTICLE.k, ARTICLE.v);
  const [first = 0, second = 0] = products.data;
  const [less, more] = ASSUMED_WEIGHTS;
  return [
    { id: 'assumed', divisor: (second - first) / Math.log(more / less) },
    { id: 'root', divisor: Math.sqrt(ARTICLE.q[0].length) },
    { id: 'off', divisor: 1 },
  ];
}

/** The standings of a lane after 0, 1, … steps. */
export function run(
  engine: Attention,
  backward: Backward,
  { divisor }: Lane,
  target: readonly number[],
  steps: number,
): Standing[] {
  const options = { scale: 1 / divisor };
  const { k, v } = ARTICLE;
  const standings: Standing[] = [];
  let q: readonly number[] = ARTICLE.q[0];
  for (let step = 0; step <= steps; step++) {
    const { weights, output } = engine.attend([q], k, v, { ...options, capture: ['weights'] });
    const mixed = [...output.data];
    // The loss is half the squared distance, so its gradient for the output is the difference.
    const error = mixed.map((value, column) => value - (target[column] ?? 0));
    const gradient = [...backward([q], k, v, [error], options).query.data];
    const [p = 0, rest = 0] = weights.data;
    standings.push({
      q,
      weights: [...weights.data],
      output: mixed,
      pull: p * rest,
      gradient,
      distance: Math.hypot(...error),
    });
    q = q.map((value, column) => value - RATE * (gradient[column] ?? 0));
  }
  return standings;
}

/** The first step after which the lane is at its target; null if it is not yet. */
export function arrivalOf(standings: readonly Standing[]): number | null {
  const at = standings.findIndex(({ distance }) => distance < NEAR);
  return at < 0 ? null : at;
}
