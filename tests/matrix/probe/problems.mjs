// The problems of the probe. Inputs come from a seed by integer arithmetic alone, so that every engine makes the
// same bits. This file imports nothing, since pages load it without a bundler.

/** A linear congruential generator (Numerical Recipes), as numbers in [−1, 1). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function tensor(next, shape) {
  const length = shape.reduce((product, size) => product * size, 1);
  return { data: Float32Array.from({ length }, next), shape };
}

export const WORKED_EXAMPLE = {
  query: [[3, 4]],
  key: [
    [1, 2],
    [2, 3],
  ],
  value: [
    [7, 8],
    [9, 10],
  ],
};

/** L = S = 300: not a multiple of any tile. */
export function causalProblem() {
  const next = generator(300);
  const shape = [2, 300, 24];
  return {
    query: tensor(next, shape),
    key: tensor(next, shape),
    value: tensor(next, [2, 300, 10]),
    options: { isCausal: true },
  };
}

/** Grouped heads and most of the options of a score: the problem whose bits differ most easily. */
export function manySidedProblem() {
  const next = generator(513);
  return {
    query: tensor(next, [2, 4, 131, 64]),
    key: tensor(next, [2, 2, 257, 64]),
    value: tensor(next, [2, 2, 257, 48]),
    options: {
      isCausal: true,
      queryOffset: 'end',
      window: { left: 100 },
      softcap: 5,
      alibiSlopes: [0.5, 0.25, 0.125, 0.0625],
      sinks: [0, 1, -1, 0.5],
    },
  };
}
