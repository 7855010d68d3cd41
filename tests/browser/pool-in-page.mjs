// What the tests of the pool do in a page: no SharedArrayBuffer, no isolation, the package as it was built.

import { createAttention } from '/bindings/dist/index.js';
import { createAttentionPool } from '/bindings/dist/pool/index.js';

const { Worker } = globalThis;
const started = [];
/** Where the next workers are started from, instead of the package. */
let script;
globalThis.Worker = class extends Worker {
  constructor(url, options) {
    super(script ?? url, options);
    started.push(this);
  }
};

const SHAPE = [4, 700, 64];
const tensor = (seed) => ({
  data: Float32Array.from({ length: SHAPE.reduce((a, b) => a * b) }, (_, i) =>
    Math.sin(i * i + seed),
  ),
  shape: SHAPE,
});
const INPUTS = [tensor(1), tensor(2), tensor(3)];
const OPTIONS = { isCausal: true, capture: ['logSumExp'] };

/** Whether a pool computes the bits of one thread. */
async function isRight(pool) {
  const attention = await createAttention({ variant: pool.info.variant });
  const expected = attention.attend(...INPUTS, OPTIONS);
  const actual = await pool.attend(...INPUTS, OPTIONS);
  attention.dispose();
  return ['output', 'logSumExp'].every((name) =>
    expected[name].data.every((x, i) => x === actual[name].data[i]),
  );
}

/** How a promise ended: `argument code`, or what else. */
function endOf(promise) {
  return promise.then(
    () => 'resolved',
    ({ argument, code, message }) => (code ? `${argument} ${code}` : message),
  );
}

/** Does something when a call has made progress; resolves to how the call ended. */
async function during(pool, act, options = {}) {
  let onProgress;
  const begun = new Promise((resolve) => {
    onProgress = resolve;
  });
  const pending = Promise.all(
    Array.from({ length: 8 }, () => pool.attend(...INPUTS, { ...options, onProgress })),
  );
  await Promise.race([begun, pending.catch(() => {})]);
  act();
  return endOf(pending);
}

const poolOf = (options) => createAttentionPool({ workers: 2, variant: 'simd', ...options });

async function startedFrom(address, options) {
  script = address;
  const end = await endOf(poolOf(options));
  script = undefined;
  return end;
}

/** What happened, by name. */
export async function everything() {
  const pool = await poolOf({ timeLimit: 2000 });
  const seen = { isolated: globalThis.crossOriginIsolated, right: await isRight(pool) };

  const controller = new AbortController();
  seen.aborted = await during(pool, () => controller.abort(), { signal: controller.signal });
  seen.terminated = await during(pool, () => started[0].terminate());
  seen.rightAgain = await isRight(pool);
  seen.thrown = await during(pool, () =>
    started[1].postMessage({ kind: 'attend', forget: [], keys: {} }),
  );
  seen.rightOnceMore = await isRight(pool);
  seen.threads = started.length;
  seen.disposed = await during(pool, () => pool.dispose());

  seen.notFound = await startedFrom('/no-such-worker.js');
  seen.silent = await startedFrom('data:text/javascript,', { timeLimit: 500 });
  seen.created = await endOf(poolOf());
  return seen;
}
