import { indices } from '../numbers/matrix.ts';
import { ASSUMED_WEIGHTS } from '../state/article.ts';
import type { Computation } from '../state/computation.ts';
import { isSame } from '../state/link.ts';
import { type Options, PLAIN } from '../state/model.ts';

/** A task for the reader. The engine's numbers tell whether it is done. */
export interface Challenge {
  readonly name: string;
  readonly task: string;
  readonly done: string;
  readonly isDone: (shown: Computation, query: number) => boolean;
  /** A query that does it with the keys as they are; null if there is none. */
  readonly solve: (shown: Computation) => readonly number[] | null;
}

/** Half a unit of the second decimal: a weight that is written 0.80. */
const NEAR = 0.005;
/** What still prints as 50.0%. */
const EVEN = 0.0005;

const weightsOf = ({ weights }: Computation, query: number) =>
  indices(weights.columns).map((key) => weights.at(query, key));

export const CHALLENGES: readonly Challenge[] = [
  {
    name: 'Undecided',
    task: 'Turn the query until both keys get the same weight.',
    done: 'Both keys get half of the weight. The output lies in the middle between the values.',
    isDone: (shown, query) =>
      weightsOf(shown, query).every((weight) => Math.abs(weight - 1 / shown.k.rows) <= EVEN),
    solve({ inputs: { k } }) {
      const along = difference(k);
      // At right angles to the difference of the keys. Both scores are then equal.
      return along?.length === 2 ? [along[1] ?? 0, -(along[0] ?? 0)] : null;
    },
  },
  {
    name: 'The article’s 0.2 and 0.8',
    task: 'Make the query shorter until the weights are 0.20 and 0.80.',
    done: 'These are the article’s weights. The same query, only shorter, is less sure: shorter vectors give smaller scores.',
    isDone: (shown, query) =>
      shown.k.rows === ASSUMED_WEIGHTS.length &&
      weightsOf(shown, query).every(
        (weight, key) => Math.abs(weight - (ASSUMED_WEIGHTS[key] ?? 0)) < NEAR,
      ),
    solve({ inputs: { q, k } }) {
      const [query, along] = [q[0], difference(k)];
      if (!query || !along) return null;
      const gap = query.reduce((sum, x, d) => sum + x * (along[d] ?? 0), 0);
      const [first, second] = ASSUMED_WEIGHTS;
      const share = (Math.log(second / first) * Math.sqrt(query.length)) / gap;
      if (!(share > 0) || !Number.isFinite(share)) return null;
      return query.map((x) => Number((x * share).toPrecision(3)));
    },
  },
];

/** Options would do the reader's work. */
export function countsWith(options: Options): boolean {
  return isSame(options, PLAIN);
}

function difference([first, second]: readonly (readonly number[])[]): number[] | null {
  return first && second ? second.map((x, d) => x - (first[d] ?? 0)) : null;
}
