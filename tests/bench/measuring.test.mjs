// How it is measured: in turn, only what is right, and the whole path in Node 24 on small problems.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { nodeEngine } from '../../bench/engines/node.mjs';
import { errorOf, expectedRows, TOLERANCE } from '../../bench/lab/check.mjs';
import { timeInTurn } from '../../bench/lab/rounds.mjs';
import { bareAttention, sizesOf } from '../../bench/limit/bare.mjs';
import { PLACES, TILES } from '../../bench/limit/bare-text.mjs';
import { nameOfLoop, workOfLoop } from '../../bench/limit/loops.mjs';
import { limitModule, writeLimitModule } from '../../bench/limit/module.mjs';
import { openThreads, shareOf } from '../../bench/limit/threads.mjs';
import { inputsOf, problem } from '../../bench/problems.mjs';
import { measureAll } from '../../bench/session.mjs';
import { attendReference } from '../package/reference.mjs';

// Lengths that no tile divides.
const BARE = problem({ heads: 3, queries: 50, keys: 130, depth: 40 });
const BARE_DECODING = problem({ heads: 2, queries: 1, keys: 1023 });

const SETTINGS = {
  processes: 2,
  rounds: 4,
  fewestRounds: 2,
  sampleSeconds: 0,
  warmSeconds: 0,
  groupSeconds: 10,
  engineSeconds: 60,
  slowest: 1,
  coldRuns: 1,
  memory: { length: 2048, depth: 8, variants: ['simd'] },
};

test('the work of threads at the limit is that of all runs of each', () => {
  const loop = { loop: 'fused', accumulators: 8 };
  const { operations } = workOfLoop(loop);
  assert.equal(workOfLoop({ ...loop, threads: 2, runs: 3 }).operations, 6 * operations);
});

test('loops of bare attention on threads have the work of one, and names of their own', () => {
  const loop = { loop: 'bare', tile: 'fused 2 × 6', problem: BARE };
  const { operations } = workOfLoop(loop);
  for (const threads of [1, 2])
    assert.equal(workOfLoop({ ...loop, threads }).operations, operations);
  assert.deepEqual(
    [loop, { ...loop, threads: 1 }, { ...loop, threads: 2 }].map(nameOfLoop),
    ['', ', 1 thread', ', 2 threads'].map((of) => `limit: bare attention, fused 2 × 6${of}`),
  );
});

describe('bare attention on threads', () => {
  const loop = { loop: 'bare', tile: 'fused 2 × 6' };
  const module = limitModule();
  // Node 20 has relaxed SIMD behind a flag.
  if (!WebAssembly.validate(module)) setFlagsFromString('--experimental-wasm-relaxed-simd');

  test('shares are of heads, or of queries where heads cannot be divided', () => {
    const given = problem({ heads: 8, keyHeads: 2, queries: 50, keys: 130 });
    const sharesOf = (threads, rest) => {
      const { heads, keyHeads, queries, keys } = shareOf({ ...given, ...rest }, threads);
      return [heads, keyHeads, queries, keys];
    };
    assert.deepEqual(sharesOf(1), [8, 2, 50, 130]);
    assert.deepEqual(sharesOf(2), [4, 1, 50, 130]);
    assert.deepEqual(sharesOf(4), [8, 2, 13, 130]);
    assert.deepEqual(sharesOf(2, { heads: 1, keyHeads: 1 }), [1, 1, 25, 130]);
  });

  test('what it is sent is copied to its memory, and its output takes the place of the queries', async () => {
    const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(module));
    const { runInPlace, isRight } = bareAttention(exports, { ...loop, problem: BARE });
    const sent = sizesOf(BARE).map((size, i) => new Float32Array(size).fill(5 + i));
    runInPlace(sent);
    assert.ok(isRight());
    const memory = new Float32Array(exports.memory.buffer, PLACES.inputs);
    let at = 0;
    for (const [i, size] of sizesOf(BARE).entries()) {
      assert.ok(memory.subarray(at, at + size).every((x) => x === 5 + i));
      at += size;
    }
    assert.deepEqual(
      sent.map((array) => [array.length, array.every((x) => x === array[0]), array[0]]),
      [0, 6, 7].map((value, i) => [sizesOf(BARE)[i], true, value]), // nothing is written there
    );
  });

  test('outputs of all shares are put together, call after call', async (t) => {
    const threads = await openThreads(module, { ...loop, problem: BARE, threads: 2 });
    t.after(() => threads.dispose());
    for (let call = 0; call < 2; call++) {
      const answers = await threads.run();
      assert.ok(threads.isRight(answers));
      for (const { output } of answers) {
        assert.equal(output.length, sizesOf(BARE)[0]);
        assert.ok(output.every((x) => x === 0));
      }
    }
    assert.ok(!threads.isRight([{ isRight: true }, { isRight: false }]));
  });
});

describe('bare attention', () => {
  const nothing = problem({ heads: 1, queries: 1, keys: 1 });

  test('has the work of the problem, but for what is less than a tile', () => {
    for (const [tile, { vectors }] of Object.entries(TILES)) {
      const given = problem({ heads: 4, queries: 512, depth: 64 });
      const { operations } = workOfLoop({ loop: 'bare', tile, problem: given });
      const ofTile = 4 * 4 * vectors * 120 * 64;
      assert.ok(Math.abs(operations - 4 * 4 * 512 * 512 * 64) <= ofTile, tile);
    }
  });

  test('for one query counts the keys and values once', () => {
    const given = problem({ heads: 2, queries: 1, keys: 1000 });
    const { operations, bytes } = workOfLoop({ loop: 'bare', tile: 'fused 2 × 6', problem: given });
    assert.deepEqual([operations, bytes], [4 * 2 * 1000 * 64, 2 * 2 * 1000 * 64 * 4]);
  });

  test('many queries of a depth that there is no room for are refused', () => {
    const deep = problem({ heads: 1, queries: 9, depth: 192 });
    assert.throws(
      () => bareAttention({}, { tile: 'fused 2 × 6', problem: deep }),
      /a depth of at most 128/,
    );
  });

  test('one query of grouped heads, or of another depth, is refused', () => {
    for (const wrong of [
      { ...nothing, heads: 2 },
      { ...nothing, depth: 32 },
    ])
      assert.throws(
        () => bareAttention({}, { tile: 'fused 2 × 6', problem: wrong }),
        /heads of its own, of depth 64/,
      );
  });
});

describe('rounds', () => {
  test('every round takes all in turn and starts with another', async () => {
    const order = [];
    const entries = ['a', 'b', 'c'].map((name) => ({ run: () => order.push(name) }));
    const results = await timeInTurn(entries, SETTINGS);
    assert.equal(order.slice(3).join(''), 'abcbcacababc');
    for (const { samples } of results) assert.equal(samples.length, SETTINGS.rounds);
  });

  test('rounds of a later process start where those of the one before ended', async () => {
    const order = [];
    const entries = ['a', 'b', 'c'].map((name) => ({ run: () => order.push(name) }));
    await timeInTurn(entries, { ...SETTINGS, rounds: 2, firstRound: 2 });
    assert.equal(order.slice(3).join(''), 'cababc');
  });

  test('a promise is waited for, and its time counts', async () => {
    const run = () => new Promise((resolve) => setTimeout(resolve, 20));
    const [{ samples }] = await timeInTurn([{ run }], SETTINGS);
    for (const seconds of samples) assert.ok(seconds > 0.015);
  });

  test('the first call after another entry is not timed, unless it is a sample by itself', async () => {
    let last;
    const entries = ['a', 'b', 'c'].map((name) => ({
      async run() {
        await delay(last === name ? 1 : 30);
        last = name;
      },
    }));
    const timed = async (sampleSeconds) => {
      const results = await timeInTurn(entries, { ...SETTINGS, warmSeconds: 0.05, sampleSeconds });
      return results.flatMap(({ samples }) => samples);
    };
    for (const seconds of await timed(0.01)) assert.ok(seconds < 0.025);
    for (const seconds of await timed(0)) assert.ok(seconds > 0.025);
  });

  test('who is too slow is left out, and the others are timed', async () => {
    const slow = { run: () => new Promise((resolve) => setTimeout(resolve, 30)) };
    const quick = { run: () => {} };
    const [first, second] = await timeInTurn([slow, quick], { ...SETTINGS, slowest: 0.02 });
    assert.ok(first.tooSlow > 0.02);
    assert.equal(second.samples.length, SETTINGS.rounds);
  });

  test('when the time is up, no round more than the fewest', async () => {
    const run = () => new Promise((resolve) => setTimeout(resolve, 10));
    const [{ samples }] = await timeInTurn([{ run }], { ...SETTINGS, groupSeconds: 0 });
    assert.equal(samples.length, SETTINGS.fewestRounds);
  });
});

describe('check', () => {
  const given = problem({
    heads: 4,
    keyHeads: 2,
    queries: 9,
    keys: 9,
    depth: 3,
    options: ['causal', 'bias'],
  });
  const inputs = inputsOf(given);
  const expected = expectedRows(given, inputs);
  const { query, key, value, options } = inputs;
  const right = () => Float32Array.from(attendReference(query, key, value, options).output.data);

  test('what the reference computes as a whole is right', () => {
    assert.ok(errorOf(right(), expected, given) < TOLERANCE / 100);
  });

  test('a row of another head, NaN, or half an output are wrong', () => {
    const swapped = right();
    swapped.copyWithin(0, 27, 54);
    assert.ok(errorOf(swapped, expected, given) > TOLERANCE);
    const broken = right();
    broken[expected.at(-1).at] = Number.NaN;
    assert.equal(errorOf(broken, expected, given), Infinity);
    assert.equal(errorOf(right().subarray(1), expected, given), Infinity);
  });
});

test('a run on small problems, in Node 24', async () => {
  writeLimitModule();
  const contenders = ['qkv relaxed', 'qkv simd', 'qkv scalar', 'plain JavaScript'];
  const groups = [
    {
      ...{ name: 'small', unit: 'GFLOP/s', contenders },
      problems: [[], ['causal'], ['mask', 'bias', 'softcap', 'alibi']].map((options) =>
        problem({ heads: 4, keyHeads: 2, queries: 24, depth: 12, options }),
      ),
      limits: [
        { loop: 'fused', accumulators: 8 },
        { loop: 'separate', accumulators: 12 },
        { loop: 'fused', accumulators: 8, threads: 2, runs: 3 },
        ...Object.keys(TILES).map((tile) => ({ loop: 'bare', tile, problem: BARE })),
        { loop: 'bare', tile: 'fused 2 × 6', problem: BARE, threads: 2 },
      ],
    },
    {
      ...{ name: 'small decode', unit: 'GB/s', contenders },
      problems: [problem({ heads: 2, queries: 1, keys: 700, depth: 8, resident: true })],
      limits: [
        { loop: 'read', bytes: 2 ** 20 },
        ...Object.keys(TILES).map((tile) => ({ loop: 'bare', tile, problem: BARE_DECODING })),
      ],
    },
  ];
  const records = [];
  const { engines } = await measureAll({
    ...{ engines: [await nodeEngine()], groups, withCold: false, settings: SETTINGS },
    ...{ versions: {}, onProgress() {}, onRecord: (record) => records.push(record) },
  });
  const rows = engines[0].groups.flatMap((group) => group.rows);
  assert.equal(rows.length, 7 + 3 * 4 + 4 + 4);
  for (const { contender, problem: name, reason, samples, error } of rows) {
    const hasNone = contender === 'plain JavaScript' && /mask/.test(name);
    assert.equal(reason, hasNone ? 'has no such option' : undefined, `${contender}, ${name}`);
    if (hasNone) continue;
    assert.equal(samples.length, SETTINGS.processes * SETTINGS.rounds);
    for (const seconds of samples) assert.ok(seconds > 0);
    assert.ok(contender.startsWith('limit') || error < TOLERANCE / 10);
  }
  assert.ok(records.length > 0, 'the record is written while it grows');
});

test('an engine that dies costs what was not measured before of its group alone', async () => {
  let opened = 0;
  const engine = {
    name: 'Fragile',
    async open() {
      const isDeadly = [0, 2].includes(opened++);
      const run = async (_, { group }) => {
        if (isDeadly) throw new Error('it died\nat length');
        return [{ contender: group.name, samples: [1.23456789] }];
      };
      return { run, async close() {} };
    },
  };
  const groups = ['deadly', 'deadly later', 'harmless'].map((name) => ({ name, unit: 'µs' }));
  const { engines } = await measureAll({
    ...{ engines: [engine], groups, withCold: false, settings: SETTINGS, versions: {} },
    ...{ onProgress() {}, onRecord() {} },
  });
  assert.deepEqual(engines[0].groups, [
    { name: 'deadly', unit: 'µs', rows: [], reason: 'it died' },
    {
      ...{ name: 'deadly later', unit: 'µs', reason: 'it died' },
      rows: [{ contender: 'deadly later', samples: [1.235] }],
    },
    { name: 'harmless', unit: 'µs', rows: [{ contender: 'harmless', samples: [1.235, 1.235] }] },
  ]);
});

test('of two processes a row has all samples, or the reason why one has none', async () => {
  const given = [];
  const engine = {
    name: 'Moody',
    async open() {
      const isFirst = given.length === 0;
      const run = async (_, { rates, settings: { firstRound } }) => {
        given.push({ rates: { ...rates }, firstRound });
        const moody = isFirst ? { samples: [3] } : { reason: 'wrong' };
        return [
          { contender: 'steady', operations: 4e6, samples: isFirst ? [2] : [4] },
          { contender: 'moody', operations: 4e6, ...moody },
        ];
      };
      return { run, async close() {} };
    },
  };
  const { engines } = await measureAll({
    ...{ engines: [engine], groups: [{ name: 'group', unit: 'µs' }], withCold: false },
    ...{ settings: SETTINGS, versions: {}, onProgress() {}, onRecord() {} },
  });
  assert.deepEqual(engines[0].groups[0].rows, [
    { contender: 'steady', operations: 4e6, samples: [2, 4] },
    { contender: 'moody', operations: 4e6, reason: 'wrong' },
  ]);
  assert.deepEqual(given, [
    { rates: {}, firstRound: 0 },
    { rates: {}, firstRound: SETTINGS.rounds },
  ]);
});
