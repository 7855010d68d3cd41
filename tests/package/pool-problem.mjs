// A call of many blocks that keeps workers busy for some tenths of a second.

import { normals, random } from '../random/numbers.mjs';

/** Query, key and value [heads, length, 64]. */
export function longProblem({ heads = 4, length = 1536, seed = 1 } = {}) {
  const next = random(seed);
  const shape = [heads, length, 64];
  // A few numbers, repeated: only the time matters.
  const few = normals(next, 4096);
  const tensor = () => {
    const shift = next();
    const data = Float32Array.from(
      { length: heads * length * 64 },
      (_, i) => few[(i + shift) % 4096],
    );
    return { data, shape };
  };
  return [tensor(), tensor(), tensor()];
}

/** Resolves when a call has made some progress: { promise, options } to attend with. */
export function firstProgress() {
  let onProgress;
  const promise = new Promise((resolve) => {
    onProgress = (done, total) => resolve([done, total]);
  });
  return { promise, onProgress };
}
