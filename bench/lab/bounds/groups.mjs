// The benchmark's groups with bare attention beside them: how fast can any kernel of these loops be?

import { FUSED, GROUPS, POOL } from '../../groups.mjs';
import { TILES } from '../limit/bare-text.mjs';

const SHAPES = /^(D=(64|128), L=\d+|lengths|decode, \d+k keys)$/;
/** Of the group `lengths` only these: few keys, and the length that they are compared with. */
const LENGTHS = /^L=(512|1024 S=77) /;
const COMPARED = /^(qkv (relaxed|simd)|onnxruntime-web (?!.*constant))/;
const [FASTEST_TILE] = Object.keys(TILES);
/** For each head a thread runs the limit's loop this often, which takes about as long as the head takes the pool. */
const RUNS_A_HEAD = 2000;

export const BOUNDS_GROUPS = [
  ...GROUPS.filter(({ name }) => SHAPES.test(name)).map(withBare),
  ...GROUPS.filter(({ contenders }) => contenders === POOL).map(withThreads),
];

function withBare(group) {
  const problems =
    group.name === 'lengths'
      ? group.problems.filter(({ name }) => LENGTHS.test(name))
      : group.problems;
  const bare = problems.flatMap((problem) =>
    tilesFor(problem).map((tile) => ({ loop: 'bare', tile, problem })),
  );
  return {
    ...{ ...group, problems },
    contenders: group.contenders.filter((name) => COMPARED.test(name)),
    limits: [...group.limits, ...bare],
  };
}

/** One query goes through no tile: only the choice between fused and separate is left. */
function tilesFor({ queries }) {
  const names = Object.keys(TILES);
  return queries > 1 ? names : names.slice(0, 2);
}

/** Beside a pool: threads that compute for as long as a call, and threads with bare attention. */
function withThreads(group) {
  const [problem] = group.problems;
  const loops = [
    { ...FUSED.at(-1), runs: RUNS_A_HEAD * problem.heads },
    { loop: 'bare', tile: FASTEST_TILE, problem },
  ];
  const onThreads = loops.flatMap((loop) => [1, 2].map((threads) => ({ ...loop, threads })));
  return { ...group, limits: [...group.limits, ...onThreads] };
}
