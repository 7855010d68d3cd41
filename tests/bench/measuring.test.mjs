// How the benchmark measures: in turn, right results only, and the whole path in Node 24 on small problems.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { CONTENDERS } from '../../bench/contenders/contenders.mjs';
import { chromiumEngine } from '../../bench/engines/chromium.mjs';
import { nodeEngine } from '../../bench/engines/node.mjs';
import { TILES } from '../../bench/lab/limit/bare-text.mjs';
import { limitModule, writeLimitModule } from '../../bench/lab/limit/module.mjs';
import { errorOf, expectedRows, TOLERANCE } from '../../bench/measure/check.mjs';
import { measureGroup } from '../../bench/measure/group.mjs';
import { timeInTurn } from '../../bench/measure/rounds.mjs';
import { inputsOf, problem } from '../../bench/problems.mjs';
import { failIfWrong } from '../../bench/record.mjs';
import { measureAll } from '../../bench/session.mjs';
import { attendReference } from '../reference/attention.mjs';

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

describe('rounds', () => {
  test('every round times all entries in turn and starts with the next one', async () => {
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

  /** A clock that stands still but for `pass(milliseconds)`. */
  function stopClock(t) {
    let now = 0;
    t.mock.method(performance, 'now', () => now);
    return {
      pass(milliseconds) {
        now += milliseconds;
      },
    };
  }

  test('the time until a promise resolves counts', async (t) => {
    const clock = stopClock(t);
    const run = () => new Promise((resolve) => setTimeout(resolve)).then(() => clock.pass(20));
    const [{ samples }] = await timeInTurn([{ run }], SETTINGS);
    assert.deepEqual(samples, [0.02, 0.02, 0.02, 0.02]);
  });

  test('the first call after another entry is not timed, unless it is a sample by itself', async (t) => {
    const clock = stopClock(t);
    let last;
    const entries = ['a', 'b', 'c'].map((name) => ({
      run() {
        clock.pass(last === name ? 1 : 30);
        last = name;
      },
    }));
    const timed = async (sampleSeconds) => {
      const results = await timeInTurn(entries, { ...SETTINGS, warmSeconds: 0.05, sampleSeconds });
      return results.flatMap(({ samples }) => samples);
    };
    assert.deepEqual(new Set(await timed(0.01)), new Set([0.001]));
    assert.deepEqual(new Set(await timed(0)), new Set([0.03]));
  });

  test('an entry that is too slow is left out, and the others are timed', async (t) => {
    const clock = stopClock(t);
    const entries = [30, 1].map((milliseconds) => ({ run: () => clock.pass(milliseconds) }));
    const [first, second] = await timeInTurn(entries, { ...SETTINGS, slowest: 0.02 });
    assert.deepEqual(first, { tooSlow: 0.03 });
    assert.deepEqual(second.samples, [0.001, 0.001, 0.001, 0.001]);
  });

  test('when the time is up, only the fewest rounds are done', async (t) => {
    const clock = stopClock(t);
    const run = () => clock.pass(10);
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

  test('the whole output of the reference passes', () => {
    assert.ok(errorOf(right(), expected, given) < TOLERANCE / 100);
  });

  test('a row of another head, NaN, and an output of the wrong size fail', () => {
    const swapped = right();
    swapped.copyWithin(0, 27, 54);
    assert.ok(errorOf(swapped, expected, given) > TOLERANCE);
    const broken = right();
    broken[expected.at(-1).at] = Number.NaN;
    assert.equal(errorOf(broken, expected, given), Infinity);
    assert.equal(errorOf(right().subarray(1), expected, given), Infinity);
  });
});

test('the inputs of a problem are the same in every engine, and differ from each other', () => {
  const given = problem({ heads: 1, queries: 4, options: ['mask'] });
  const [first, second] = [inputsOf(given), inputsOf(given)];
  assert.deepEqual(first, second);
  assert.notDeepEqual(first.key.data, first.value.data);
  assert.notDeepEqual(first.query.data, first.key.data);
});

test('a contender that is wrong, fails or cannot be loaded has a reason and no samples', async (t) => {
  if (!WebAssembly.validate(limitModule())) setFlagsFromString('--experimental-wasm-relaxed-simd');
  const result = (data) => ({ run: () => data, outputOf: (output) => output });
  const opened = {
    zeros: () => ({ prepare: () => result(new Float32Array(8)) }),
    broken: () => ({
      prepare() {
        throw new Error('no room');
      },
    }),
    missing() {
      throw new Error('not installed');
    },
    picky: () => ({ prepare: () => undefined }),
  };
  Object.assign(CONTENDERS, opened);
  t.after(() => {
    for (const name of Object.keys(opened)) delete CONTENDERS[name];
  });
  const group = { problems: [problem({ heads: 1, queries: 2, depth: 4 })], limits: [] };
  const rows = await measureGroup(
    { group: { ...group, contenders: Object.keys(opened) }, settings: SETTINGS, rates: {} },
    { bytesAt: () => limitModule() },
  );
  assert.ok(rows.every(({ samples }) => samples === undefined));
  assert.match(rows[0].reason, /^wrong by \d/);
  assert.deepEqual(
    rows.slice(1).map(({ reason }) => reason),
    ['fails: no room', 'not available: not installed', 'has no such option'],
  );
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
    ...{ engines: [await nodeEngine()], groups, withFresh: false, settings: SETTINGS },
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
  assert.ok(records.length > 0, 'the record is written after each step');
});

test('a group in Chromium, with threads of the limit and peers that npm ci installs', async (t) => {
  writeLimitModule();
  const engine = await chromiumEngine();
  t.after(() => engine.close());
  const contenders = ['qkv relaxed', 'qkv pool, 2 workers', 'onnxruntime-web Attention'];
  const limits = [
    { loop: 'fused', accumulators: 8 },
    { loop: 'bare', tile: 'fused 2 × 6', problem: BARE, threads: 2 },
  ];
  const problems = [problem({ heads: 2, queries: 24, depth: 12 })];
  const session = await engine.open();
  t.after(() => session.close());
  const group = { name: 'small', unit: 'GFLOP/s', problems, contenders, limits };
  const rows = await session.run('measure', { group, settings: SETTINGS, rates: {} });
  assert.equal(rows.length, 5);
  for (const { contender, reason, samples } of rows) {
    assert.equal(reason, undefined, contender);
    assert.equal(samples.length, SETTINGS.rounds);
  }
});

test('a crash of the engine loses only what its group had not measured yet', async () => {
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
    ...{ engines: [engine], groups, withFresh: false, settings: SETTINGS, versions: {} },
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

test('a row joins the samples of two processes, or keeps the reason of one that has none', async () => {
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
    ...{ engines: [engine], groups: [{ name: 'group', unit: 'µs' }], withFresh: false },
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

test('a run fails if a result of ours is wrong, not if a peer has none', () => {
  const failures = (rows, reason) => () =>
    failIfWrong({ engines: [{ groups: [{ name: 'group', rows, ...(reason && { reason }) }] }] });
  const row = (contender, reason) => ({ problem: 'p', contender, reason });
  const harmless = [
    row('onnxruntime-web Attention', 'wrong by 0.5'),
    row('qkv relaxed', 'has no such option'),
    row('qkv simd'),
  ];
  assert.doesNotThrow(failures(harmless));
  assert.throws(failures([row('qkv simd', 'wrong by 0.5')]), /^Error: qkv simd, p: wrong by 0\.5$/);
  assert.throws(failures([row('limit: reading 4 MiB', 'wrong')]), /limit: reading 4 MiB, p: wrong/);
  assert.throws(failures(harmless, 'it died'), /group: it died/);
});
