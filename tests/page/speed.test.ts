import { createAttention, type Variant } from 'qkv';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { prepare } from '../../web/src/speed/contenders.ts';
import { CONTINUED } from '../../web/src/speed/continuedExample.ts';
import { operationsOf, type Problem, type Report } from '../../web/src/speed/measurement.ts';
import { MEANINGS, nameOf } from '../../web/src/speed/names.ts';
import { onlineSoftmax } from '../../web/src/speed/onlineSoftmax.ts';
import { plainAttention } from '../../web/src/speed/plainAttention.ts';
import { tileStory } from '../../web/src/speed/tileStory.ts';
import { measure } from '../../web/src/speed/timing.ts';
import { engine } from './open.ts';
import { normalRows, seededNormal } from './random.ts';
import { attention } from './reference.ts';

const PROBLEM = {
  q: [[...CONTINUED.query]],
  k: CONTINUED.keys.map((row) => [...row]),
  v: CONTINUED.values.map((row) => [...row]),
};

/** What is kept after the first keys, in double precision. */
function stateAfter(count: number) {
  const { q, k, v } = PROBLEM;
  const { scaled, rowMax, exponentials, rowSum, output } = attention({
    q,
    k: k.slice(0, count),
    v: v.slice(0, count),
  });
  const mixed = v[0].map((_, column) =>
    exponentials[0].reduce((sum, e, key) => sum + e * v[key][column], 0),
  );
  return {
    scores: scaled[0],
    exponentials: exponentials[0],
    ...{ max: rowMax[0], sum: rowSum[0], mixed, output: output[0] },
  };
}

const near = (value: number, wanted: number, name: string) =>
  expect(Math.abs(value - wanted), `${name}: ${value}, not ${wanted}`).toBeLessThanOrEqual(
    4e-6 * Math.max(1, Math.abs(wanted)),
  );

describe('softmax a tile at a time', () => {
  test.each([1, 2, 3, 4, 8])('every number is right, %i keys a tile', (width) => {
    const { steps, direct } = onlineSoftmax(engine, CONTINUED, width);
    expect(steps).toHaveLength(Math.ceil(8 / width));
    let before = { max: -Infinity, sum: 0, mixed: [0, 0], output: [0, 0] };
    for (const step of steps) {
      const end = step.first + step.count;
      const now = stateAfter(end);
      for (let i = 0; i < step.count; i++) {
        near(step.scores[i], now.scores[step.first + i], `score ${step.first + i}`);
        near(step.exponentials[i], now.exponentials[step.first + i], `exponential ${i}`);
      }
      near(step.after.max, now.max, 'maximum');
      near(step.after.sum, now.sum, 'sum');
      near(step.factor, Math.exp(before.max - now.max), 'factor');
      expect(step.before).toEqual(before);
      near(before.sum * step.factor + step.tileSum, now.sum, 'kept × factor + this tile');
      for (const c of [0, 1]) {
        near(step.after.mixed[c], now.mixed[c], `mixed ${c}`);
        near(before.mixed[c] * step.factor + step.tileMixed[c], now.mixed[c], `mixed sum ${c}`);
        near(step.after.output[c], now.output[c], `output ${c}`);
      }
      before = step.after as typeof before;
    }
    for (const c of [0, 1]) near(before.output[c], direct[c], 'all keys at once');
    near(direct[0], stateAfter(8).output[0], 'all keys at once');
  });

  test('each tile is told: nothing kept, a larger score, none', () => {
    const { steps } = onlineSoftmax(engine, CONTINUED, 2);
    expect(tileStory(undefined, 0, 4)).toContain('nothing is kept');
    const told = steps.map((step, i) => tileStory(step, i + 1, 4));
    expect(told[0]).toMatch(/^Tile 1 of 4: .*the factor is 0/);
    for (const [i, text] of told.entries()) {
      if (i === 0) continue;
      if (steps[i].factor === 1) expect(text).toContain('the factor is 1.');
      else expect(text).toContain(`multiplied by ${steps[i].factor.toFixed(6)}`);
    }
    expect(told.some((text) => text.includes('the factor is 1.'))).toBe(true);
    expect(told.some((text) => text.includes('multiplied by'))).toBe(true);
  });
});

describe('the benchmark', () => {
  const [HEADS, LENGTH, DEPTH] = [4, 16, 64];

  function problem(): Problem {
    const normal = seededNormal(1);
    const [q, k, v] = [0, 1, 2].map(() => normalRows(normal, HEADS * LENGTH, DEPTH));
    const tensor = (rows: number[][]) => ({
      data: Float32Array.from(rows.flat()),
      shape: [HEADS, LENGTH, DEPTH],
    });
    const exact = Float64Array.from(
      Array.from({ length: HEADS }, (_, head) => {
        const of = (rows: number[][]) => rows.slice(head * LENGTH, (head + 1) * LENGTH);
        return attention({ q: of(q), k: of(k), v: of(v) }).output.flat();
      }).flat(),
    );
    const size = { heads: HEADS, length: LENGTH, depth: DEPTH };
    return { size, q: tensor(q), k: tensor(k), v: tensor(v), exact };
  }

  test('the formula in plain JavaScript is right', () => {
    const { size, q, k, v, exact } = problem();
    const out = new Float64Array(exact.length);
    plainAttention(q.data, k.data, v.data, size, out);
    for (const [i, value] of out.entries()) expect(Math.abs(value - exact[i])).toBeLessThan(1e-12);
  });

  test('an operation is a multiplication or an addition of Q·Kᵀ or P·V', () => {
    expect(operationsOf(128)).toBe(4 * 4 * 128 * 128 * 64);
  });

  test.each(['scalar', 'simd', 'plain'] as const)('%s computes the problem', async (name) => {
    const given = problem();
    const ready = await prepare(name, given);
    const output = await ready.run();
    for (const [i, value] of output.entries())
      expect(Math.abs(value - given.exact[i])).toBeLessThan(2e-6);
    ready.dispose();
  });

  describe('timing, with a clock of our own', () => {
    afterEach(() => vi.restoreAllMocks());

    /** Each call takes `cost()` milliseconds of this clock. */
    async function timed(cost: () => number, output = new Float32Array(1)): Promise<Report[]> {
      let now = 0;
      vi.spyOn(performance, 'now').mockImplementation(() => now);
      const reports: Report[] = [];
      const run = () => {
        now += cost();
        return output;
      };
      const size = { heads: 4, length: 128, depth: 64 };
      const given = { ...problem(), size, exact: new Float64Array([0.25]) };
      const ready = async () => ({ run, workers: 3, dispose: () => undefined });
      await measure('simd', ready, given, (report) => reports.push(report));
      return reports;
    }

    test('is the median; speed and error follow from it', async () => {
      let calls = 0;
      // The first sample is fast, the last one slow: neither counts.
      const reports = await timed(() => {
        calls++;
        return calls <= 35 ? 2.5 : calls <= 60 ? 5 : 10;
      });
      const measured = reports.find((report) => report.kind === 'measured')?.measured;
      expect(measured?.milliseconds).toBe(5);
      expect(measured?.gflops).toBeCloseTo(operationsOf(128) / 5 / 1e6, 9);
      expect(measured).toMatchObject({ contender: 'simd', error: 0.25, workers: 3 });
    });

    test('a slow one is timed three times', async () => {
      let calls = 0;
      const reports = await timed(() => {
        calls++;
        return 2000;
      });
      expect(calls).toBe(1 + 1 + 3); // its error, the warm-up, three samples
      const done = reports.flatMap((report) => (report.kind === 'progress' ? [report.done] : []));
      expect(done).toEqual([...done].sort((a, b) => a - b));
      expect(done[0]).toBe(2 / 5); // third of five
      expect(done.at(-1)).toBeLessThanOrEqual(3 / 5);
    });

    test('what cannot be prepared is missing, with the reason, and what fails is let go', async () => {
      const reports: Report[] = [];
      const report = (message: Report) => reports.push(message);
      await measure('pool', () => Promise.reject(new Error('no workers')), problem(), report);
      let disposed = false;
      const failing = async () => ({
        run: () => {
          throw new Error('out of memory');
        },
        workers: 1,
        dispose: () => {
          disposed = true;
        },
      });
      await measure('scalar', failing, problem(), report);
      expect(reports.filter(({ kind }) => kind === 'missing')).toEqual([
        { kind: 'missing', missing: { contender: 'pool', reason: 'no workers' } },
        { kind: 'missing', missing: { contender: 'scalar', reason: 'out of memory' } },
      ]);
      expect(disposed).toBe(true);
    });
  });

  test('every variant has a name and a meaning', () => {
    expect([nameOf('pool'), nameOf('pool', 1), nameOf('pool', 4), nameOf('simd', 1)]).toEqual([
      ...['pool of workers', 'pool of 1 worker', 'pool of 4 workers', 'SIMD'],
    ]);
    for (const variant of ['scalar', 'simd', 'relaxed'] satisfies Variant[])
      expect(MEANINGS[variant]).toMatch(/number/);
  });

  test('the variants are those of the package', async () => {
    using attention = await createAttention();
    expect(Object.keys(MEANINGS)).toContain(attention.info.variant);
  });
});
