import type { Attention } from 'qkv';

export interface Inputs {
  readonly query: readonly number[];
  readonly keys: readonly (readonly number[])[];
  readonly values: readonly (readonly number[])[];
}

/** The numbers that are kept of the keys read so far. */
export interface Running {
  readonly max: number;
  readonly sum: number; // Σ exp(score − max)
  readonly mixed: readonly number[]; // Σ exp(score − max)·value
  readonly output: readonly number[]; // mixed ÷ sum: the result if no more keys follow
}

/** One tile of keys: its scores, and the correction of the kept numbers. */
export interface TileStep {
  readonly first: number;
  readonly count: number;
  readonly scores: readonly number[];
  readonly factor: number; // exp(max before − max)
  readonly exponentials: readonly number[]; // exp(score − max)
  readonly tileSum: number; // of the exponentials
  readonly tileMixed: readonly number[]; // Σ exponential·value
  readonly before: Running;
  readonly after: Running;
}

export interface OnlineSoftmax {
  readonly steps: readonly TileStep[];
  /** The engine's output for all keys at once. */
  readonly direct: readonly number[];
}

/**
 * One query against the keys, a tile at a time. The engine computes each state as a trace of the keys up
 * to there, and all products between.
 */
export function onlineSoftmax(engine: Attention, inputs: Inputs, tile: number): OnlineSoftmax {
  const { query, keys, values } = inputs;
  const steps: TileStep[] = [];
  const nothing = (values[0] ?? []).map(() => 0);
  let before: Running = { max: Number.NEGATIVE_INFINITY, sum: 0, mixed: nothing, output: nothing };
  for (let first = 0; first < keys.length; first += tile) {
    const count = Math.min(tile, keys.length - first);
    const step = tileStep(engine, inputs, first, count, before);
    steps.push(step);
    before = step.after;
  }
  return { steps, direct: [...engine.attend([query], keys, values).output.data] };
}

function tileStep(
  engine: Attention,
  { query, keys, values }: Inputs,
  first: number,
  count: number,
  before: Running,
): TileStep {
  const trace = engine.trace([query], keys, values, { keyLengths: [first + count] });
  const exponentials = [...trace.exponentials.data];
  const max = trace.rowMax.data[0] ?? Number.NaN;
  const inTile = <T>(row: readonly T[]) => row.slice(first, first + count);
  const tileValues = inTile(values);
  const tileExponentials = inTile(exponentials);
  return {
    first,
    count,
    scores: inTile([...trace.masked.data]),
    factor: exponentialOf(engine, before.max, max),
    exponentials: tileExponentials,
    tileSum:
      mix(
        engine,
        tileExponentials,
        tileValues.map(() => [1]),
      )[0] ?? Number.NaN,
    tileMixed: mix(engine, tileExponentials, tileValues),
    before,
    after: {
      max,
      sum: trace.rowSum.data[0] ?? Number.NaN,
      mixed: mix(engine, exponentials, values),
      output: [...trace.output.data],
    },
  };
}

/** exp(lower − upper): softmax subtracts the larger of two scores from both. */
function exponentialOf(engine: Attention, lower: number, upper: number): number {
  const scores = [[lower], [upper]];
  return engine.trace([[1]], scores, scores, { scale: 1 }).exponentials.data[0] ?? Number.NaN;
}

/** Σ amount·row, as a dot product of the engine. */
function mix(
  engine: Attention,
  amounts: readonly number[],
  rows: readonly (readonly number[])[],
): number[] {
  const columns = (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? Number.NaN));
  return [...engine.trace([amounts], columns, columns, { scale: 1 }).products.data];
}
