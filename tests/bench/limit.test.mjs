// The loops of the limit: their work, their names, and bare attention on one thread and on several.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { bareAttention, sizesOf } from '../../bench/lab/limit/bare.mjs';
import { PLACES, TILES } from '../../bench/lab/limit/bare-text.mjs';
import { nameOfLoop, workOfLoop } from '../../bench/lab/limit/loops.mjs';
import { limitModule } from '../../bench/lab/limit/module.mjs';
import { openThreads, shareOf } from '../../bench/lab/limit/threads.mjs';
import { problem } from '../../bench/problems.mjs';

// Lengths that no tile divides.
const BARE = problem({ heads: 3, queries: 50, keys: 130, depth: 40 });

test('threads at the limit do the work of all their runs', () => {
  const loop = { loop: 'fused', accumulators: 8 };
  const { operations } = workOfLoop(loop);
  assert.equal(workOfLoop({ ...loop, threads: 2, runs: 3 }).operations, 6 * operations);
});

test('bare attention on threads has the work of one thread, and names that say how many', () => {
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

  test('a share is some of the heads, or of the queries if the heads cannot be divided', () => {
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

  test('a thread copies the inputs to its memory and writes the output over the queries', async () => {
    const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(module));
    const { runInPlace, isRight } = bareAttention(exports, { ...loop, problem: BARE });
    const sent = sizesOf(BARE).map((size, i) => new Float32Array(size).fill(5 + i));
    assert.ok(!isRight(), 'nothing is computed yet');
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
      [0, 6, 7].map((value, i) => [sizesOf(BARE)[i], true, value]), // a thread writes to its own memory only
    );
  });

  test('the outputs of all shares are put together, call after call', async (t) => {
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

  test('has the work of the problem, within one tile', () => {
    for (const [tile, { nr }] of Object.entries(TILES)) {
      const given = problem({ heads: 4, queries: 512, depth: 64 });
      const { operations } = workOfLoop({ loop: 'bare', tile, problem: given });
      const ofTile = 4 * 4 * nr * 120 * 64;
      assert.ok(Math.abs(operations - 4 * 4 * 512 * 512 * 64) <= ofTile, tile);
    }
  });

  test('counts the keys and values of one query once', () => {
    const given = problem({ heads: 2, queries: 1, keys: 1000 });
    const { operations, bytes } = workOfLoop({ loop: 'bare', tile: 'fused 2 × 6', problem: given });
    assert.deepEqual([operations, bytes], [4 * 2 * 1000 * 64, 2 * 2 * 1000 * 64 * 4]);
  });

  test('many queries of a depth above 128 are refused', () => {
    const deep = problem({ heads: 1, queries: 9, depth: 192 });
    assert.throws(
      () => bareAttention({}, { tile: 'fused 2 × 6', problem: deep }),
      /a depth of at most 128/,
    );
  });

  test('one query of grouped heads, or of a depth other than 64, is refused', () => {
    for (const wrong of [
      { ...nothing, heads: 2 },
      { ...nothing, depth: 32 },
    ])
      assert.throws(
        () => bareAttention({}, { tile: 'fused 2 × 6', problem: wrong }),
        /heads that are not grouped, of depth 64/,
      );
  });
});
