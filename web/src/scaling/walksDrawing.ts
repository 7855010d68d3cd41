import { scaleLinear } from 'd3-scale';
import type { ScoresAtDepth } from './scoreWalks.ts';

/** In pixels. */
export const HEIGHT = 264;
export const MARGIN = { top: 8, right: 18, bottom: 40, left: 40 } as const;
/** Points of the dashed line, which is a curve. */
const CURVE_POINTS = 64;

export type Scores = 'raw' | 'scaled';

/** The geometry of a chart of scores against depth, `width` pixels wide. */
export function drawWalks(
  walks: readonly ScoresAtDepth[],
  scores: Scores,
  expected: (depth: number) => number,
  width: number,
) {
  const depth = walks.at(-1)?.depth ?? 1;
  const largest = Math.max(
    ...walks.map((walk) => walk[scores].reduce((a, b) => Math.max(a, Math.abs(b)), 0)),
  );
  const x = scaleLinear([0, depth], [MARGIN.left, Math.max(width, 1) - MARGIN.right]);
  const y = scaleLinear([-largest, largest], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice();
  const path = (points: readonly (readonly [depth: number, at: number])[]) =>
    points
      .map(([at, score], i) => `${i ? 'L' : 'M'}${x(at).toFixed(1)},${y(score).toFixed(1)}`)
      .join('');

  /** Undivided, a walk starts at score 0 for depth 0; divided, depth 0 has no score. */
  const start = scores === 'raw' ? [[0, 0] as const] : [];
  const walk = (index: number) =>
    path([...start, ...walks.map((at) => [at.depth, at[scores][index] ?? 0] as const)]);
  const curve = (sign: 1 | -1) =>
    path(
      Array.from({ length: CURVE_POINTS + 1 }, (_, i) => {
        const at = (depth * i) / CURVE_POINTS;
        return [at, sign * expected(at)] as const;
      }),
    );
  const count = walks.at(-1)?.[scores].length ?? 0;
  return {
    x,
    y,
    walks: Array.from({ length: count }, (_, index) => walk(index)).join(''),
    expected: curve(1) + curve(-1),
  };
}
