import {
  CONTENDERS,
  type Contender,
  type Measured,
  operationsOf,
  type Problem,
  type Report,
} from './measurement.ts';

/** The number of samples of each contender, of which the median is taken. */
const SAMPLES = 7;
/** Long enough even for a clock that ticks once a millisecond. */
const SAMPLE_MS = 25;
/** JavaScript engines first optimise code that runs often. */
const WARM_UP_MS = 60;
/** The longest time for a contender; after it three samples are enough. */
const PATIENCE_MS = 2500;
const FEWEST_SAMPLES = 3;

/** Ready to compute the problem again and again. */
export interface Ready {
  run(): Float32Array | Promise<Float32Array>;
  readonly workers: number;
  dispose(): void;
}

/** Times a contender and reports the result. If it fails, it is reported as missing, with the reason. */
export async function measure(
  contender: Contender,
  prepare: () => Promise<Ready>,
  problem: Problem,
  report: (message: Report) => void,
): Promise<void> {
  const progress = (part: number) => {
    const done = (CONTENDERS.indexOf(contender) + part) / CONTENDERS.length;
    report({ kind: 'progress', done, doing: contender });
  };
  progress(0);
  try {
    const ready = await prepare();
    try {
      const measured = { contender, ...(await time(ready, problem, progress)) };
      report({ kind: 'measured', measured });
    } finally {
      ready.dispose();
    }
  } catch (error) {
    report({ kind: 'missing', missing: { contender, reason: reasonOf(error) } });
  }
}

async function time(
  { run, workers }: Ready,
  { size, exact }: Problem,
  progress: (part: number) => void,
): Promise<Omit<Measured, 'contender'>> {
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
  return { milliseconds, gflops: operationsOf(size.length) / milliseconds / 1e6, error, workers };
}

/** Milliseconds of one call: the mean of as many calls as take `least` milliseconds. */
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

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
