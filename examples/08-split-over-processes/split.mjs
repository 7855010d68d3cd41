// Adds more than one thread: the keys of a long sequence are split over workers, each attends its
// part with an engine of its own, and the parts are merged. The result is that of one call over all
// keys, up to rounding. Machines can take the place of workers: a part is an output and a log-sum-exp.

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createAttention } from 'qkv';

const HEADS = 2;
const DEPTH = 16;

if (isMainThread) {
  await attendSplitSequence({ queries: 8, keys: 1000, workers: 4 });
} else {
  const { query, key, value } = workerData;
  const attention = await createAttention();
  parentPort.postMessage(attention.attend(query, key, value, { capture: ['logSumExp'] }));
}

async function attendSplitSequence({ queries, keys, workers }) {
  const query = tensor([HEADS, queries, DEPTH]);
  const key = tensor([HEADS, keys, DEPTH]);
  const value = tensor([HEADS, keys, DEPTH]);

  const share = Math.ceil(keys / workers);
  const parts = await Promise.all(
    Array.from({ length: workers }, (_, i) => {
      const slice = (tensor) => rows(tensor, i * share, Math.min((i + 1) * share, keys));
      return inWorker({ query, key: slice(key), value: slice(value) });
    }),
  );

  const attention = await createAttention();
  const merged = attention.merge(parts).output.data;
  const whole = attention.attend(query, key, value).output.data;
  const furthest = Math.max(...merged.map((x, i) => Math.abs(x - whole[i])));
  console.log(
    `${workers} workers, ${keys} keys: merged and whole differ by ${furthest.toExponential(1)}`,
  );
  console.log(furthest < 1e-6 ? 'equal' : 'different');
}

function inWorker(part) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: part });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** Rows [first, end) of each head. */
function rows({ data, shape: [heads, length, depth] }, first, end) {
  const parts = Array.from({ length: heads }, (_, h) =>
    data.subarray((h * length + first) * depth, (h * length + end) * depth),
  );
  return {
    data: Float32Array.from(parts.flatMap((part) => [...part])),
    shape: [heads, end - first, depth],
  };
}

/** Some numbers in [−1, 1], the same in every run. */
function tensor(shape) {
  const length = shape.reduce((a, b) => a * b);
  return { data: Float32Array.from({ length }, (_, i) => Math.sin(i * i + length)), shape };
}
