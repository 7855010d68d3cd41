import { normalFrom, randomTensor, seededUniform } from '../numbers/seeded.ts';
import { allowOwnScripts } from '../workers/ownScripts.ts';
import { type Problem, prepare, type Ready } from './contenders.ts';
import {
  CONTENDERS,
  type Contender,
  DEPTH,
  HEADS,
  type Measured,
  operationsOf,
  type Report,
  SAMPLES,
  SEED,
} from './measurement.ts';
import { plainAttention } from './plainAttention.ts';

/** Long enough for clocks that tick ten times a millisecond, or once. */
const SAMPLE_MS = 25;
/** Engines optimise what runs often: it is timed after that. */
const WARM_UP_MS = 60;
/** Of one contender; after that three samples have to do. */
const PATIENCE_MS = 2500;
const FEWEST_SAMPLES = 3;

allowOwnScripts(); // the pool's workers

addEventListener('message', async ({ data: length }: MessageEvent<number>) => {
  try {
    await measureAll(length);
    report({ kind: 'finished' });
  } catch (error) {
    report({ kind: 'failed', reason: reasonOf(error) });
  }
});

async function measureAll(length: number): Promise<void> {
  report({ kind: 'progress', done: 0, doing: 'reference' });
  const problem = draw(length);
  const exact = new Float64Array(problem.q.data.length);
  plainAttention(problem.q.data, problem.k.data, problem.v.data, problem.size, exact);
  for (const [index, contender] of CONTENDERS.entries()) {
    const progress = (part: number) =>
      report({ kind: 'progress', done: (index + part) / CONTENDERS.length, doing: contender });
    progress(0);
    try {
      const ready = await prepare(contender, problem);
      const measured = await measure(contender, ready, exact, length, progress);
      ready.dispose();
      report({ kind: 'measured', measured });
    } catch (error) {
      report({ kind: 'missing', missing: { contender, reason: reasonOf(error) } });
    }
  }
}

function draw(length: number): Problem {
  const normal = normalFrom(seededUniform(SEED));
  const shape = [HEADS, length, DEPTH];
  const size = { heads: HEADS, length, depth: DEPTH };
  return {
    size,
    q: randomTensor(normal, shape),
    k: randomTensor(normal, shape),
    v: randomTensor(normal, shape),
  };
}

async function measure(
  contender: Contender,
  { run, workers }: Ready,
  exact: Float64Array,
  length: number,
  progress: (part: number) => void,
): Promise<Measured> {
  const error = largestError(await run(), exact);
  await calls(run, WARM_UP_MS);
  const started = performance.now();
  const samples: number[] = [];
  while (samples.length < SAMPLES) {
    samples.push(await calls(run, SAMPLE_MS));
    progress(samples.length / SAMPLES);
    const isLate = performance.now() - started > PATIENCE_MS;
    if (isLate && samples.length >= FEWEST_SAMPLES) break;
  }
  const milliseconds = median(samples);
  return {
    contender,
    milliseconds,
    gflops: operationsOf(length) / milliseconds / 1e6,
    error,
    workers,
  };
}

/** Milliseconds of one call, of as many as fit in `least`. */
async function calls(run: Ready['run'], least: number): Promise<number> {
  const started = performance.now();
  for (let count = 1; ; count++) {
    const result = run();
    if (result instanceof Promise) await result;
    const elapsed = performance.now() - started;
    if (elapsed >= least) return elapsed / count;
  }
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function largestError(output: Float32Array, exact: Float64Array): number {
  return output.reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - (exact[i] ?? 0))),
    0,
  );
}

function report(message: Report): void {
  postMessage(message);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
