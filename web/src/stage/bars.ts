import { scaleLinear } from 'd3-scale';

/** A sum as a bar: its positive terms from zero to the right, its negative terms to the left. */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

/** Where the terms of a sum lie on its axis. */
export function segmentsOf(terms: readonly number[]): Segment[] {
  let [left, right] = [0, 0];
  return terms.map((term) => {
    const from = term < 0 ? left + term : right;
    const to = term < 0 ? left : right + term;
    if (term < 0) left = from;
    else right = to;
    return { from, to };
  });
}

/** From the values of all bars to a share of the width, from 0 to 1. */
export function axisOf(bars: readonly (readonly number[])[]): (value: number) => number {
  const ends = bars.flatMap((terms) => segmentsOf(terms).flatMap(({ from, to }) => [from, to]));
  const finite = [0, ...ends].filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const scale = scaleLinear().domain([low, high === low ? low + 1 : high]);
  return (value) => Math.min(Math.max(scale(value), 0), 1);
}
