// Engines that reserve less address space than 4 GiB for a memory.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { assertExplained, assertRefused, assertWorks } from './refusal.mjs';

const GIB = 2 ** 30;
/** Of a call that needs 3 GiB: a tensor of so many numbers. */
const SHAPE = [3, 2 ** 28];

/** Until the test ends, the engine refuses a memory that may grow beyond `most` bytes. */
function reserveAtMost(most, context) {
  const { Memory } = WebAssembly;
  const asked = [];
  context.after(() => {
    WebAssembly.Memory = Memory;
  });
  WebAssembly.Memory = class extends Memory {
    constructor(limits) {
      asked.push(limits.maximum * 65536);
      if (limits.maximum * 65536 > most) throw new RangeError('could not allocate memory');
      super(limits);
    }
  };
  return asked;
}

test('takes the half, or the half of that', async (context) => {
  const asked = reserveAtMost(GIB, context);
  const attention = await createAttention();
  assert.deepEqual(asked, [4 * GIB, 2 * GIB, GIB]);
  const expected = { code: 'ERR_SIZE', argument: 'memory', says: /at most 1073741824 bytes/ };
  assertRefused(attention, () => attention.tensor(SHAPE), expected);
});

test('a maxMemory that is refused is halved too', async (context) => {
  const asked = reserveAtMost(GIB, context);
  const attention = await createAttention({ maxMemory: 1.5 * GIB });
  assert.deepEqual(asked, [1.5 * GIB, 0.75 * GIB]);
  assertWorks(attention);
});

test('a pool takes less too', async (context) => {
  reserveAtMost(GIB, context);
  const pool = await createAttentionPool({ workers: 1 });
  const { data } = (await pool.attend([[3, 4]], [[1, 2]], [[7, 8]])).output;
  assert.deepEqual([...data], [7, 8]);
  pool.dispose();
});

test('an engine without any has its own error', async (context) => {
  const asked = reserveAtMost(0, context);
  const expected = { code: 'ERR_OOM', argument: 'memory', says: /could not allocate memory/ };
  await assert.rejects(createAttention(), (error) => assertExplained(error, expected));
  assert.equal(asked.at(-1), 2 ** 20, 'the size of the memory at the start');
});
