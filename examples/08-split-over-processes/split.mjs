import { fork } from 'node:child_process';

const PART = new URL('part.mjs', import.meta.url);

/**
 * The last queries of a text attend all its keys, causally. Each of `processes` processes gets an equal part of
 * the keys. Tensors are [H, L, D].
 */
export async function attendSplit(attention, { query, key, value }, processes) {
  const [, queries] = query.shape;
  const [, keys] = key.shape;
  const share = Math.ceil(keys / processes);
  const parts = Array.from({ length: processes }, (_, i) => {
    const first = i * share;
    const end = Math.min(first + share, keys);
    return inProcess({
      query,
      key: rows(key, first, end),
      value: rows(value, first, end),
      // The position of query 0, counted from the first key of the part.
      options: { isCausal: true, queryOffset: keys - queries - first },
    });
  });
  return attention.merge(await Promise.all(parts)).output;
}

function inProcess(part) {
  return new Promise((resolve, reject) => {
    const child = fork(PART, { serialization: 'advanced' }); // sends typed arrays
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`a part ended with ${code}`)));
    child.send(part);
  });
}

/** Rows [first, end) of each head. */
function rows({ data, shape: [heads, length, depth] }, first, end) {
  const part = new Float32Array(heads * (end - first) * depth);
  for (let h = 0; h < heads; h++)
    part.set(
      data.subarray((h * length + first) * depth, (h * length + end) * depth),
      h * (end - first) * depth,
    );
  return { data: part, shape: [heads, end - first, depth] };
}
