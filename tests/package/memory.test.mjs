// WebAssembly memory: when it grows, when a call is refused for it, when it is freed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttention } from 'qkv';
import { collectUntil } from './garbage.mjs';
import { assertExplained, assertWorks } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

const MIB = 2 ** 20;

/** The error of an allocation without room. */
function failureOf(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
  return assert.fail('there was room');
}

/** Allocates tensors of `elements` until one is refused; returns them and the refusal. */
function fill(attention, elements) {
  const tensors = [];
  for (;;) {
    try {
      tensors.push(attention.tensor([elements]));
    } catch (error) {
      return { tensors, error };
    }
  }
}

forEachVariant('memory', (engine) => {
  const create = (options) => createAttention({ variant: engine.variant, ...options });

  test('info says what memory it got', async () => {
    for (const [maxMemory, granted] of [
      [undefined, 2 ** 32],
      [64 * MIB, 64 * MIB],
    ]) {
      // biome-ignore format: pairs
      const attention = await create({ maxMemory });
      assert.equal(attention.info.maxMemory, granted);
      assertWorks(attention);
      attention.dispose();
    }
  });

  test('data of a resident tensor stays valid while the memory grows', async () => {
    const attention = await create();
    const kept = attention.tensor([3], [1, 2, 3]);
    assert.equal(kept.data, kept.data, 'the same view as long as the memory is the same');
    for (let doubled = 0; doubled < 4; doubled++) {
      const { bytes } = attention.memory;
      const large = attention.tensor([bytes / 4]);
      assert.ok(attention.memory.bytes > bytes, 'the memory grew');
      assert.deepEqual([...kept.data], [1, 2, 3]);
      kept.data[0] = 1;
      assert.equal(large.data.length, bytes / 4);
    }
    assertWorks(attention);
    attention.dispose();
  });

  test('a call makes one array as large as its output, and with `out` none', (t) => {
    const query = { data: new Float32Array(64 * 16), shape: [64, 16] };
    const key = { data: new Float32Array(16), shape: [1, 16] };
    const out = new Float32Array(query.data.length);
    const { attention } = engine;
    attention.attend(query, key, key); // the memory has grown
    const Original = Float32Array;
    const made = [];
    globalThis.Float32Array = new Proxy(Original, {
      construct(target, given, newTarget) {
        const array = Reflect.construct(target, given, newTarget);
        if (!(given[0] instanceof ArrayBuffer)) made.push(array.length);
        return array;
      },
    });
    t.after(() => {
      globalThis.Float32Array = Original;
    });
    attention.attend(query, key, key, { out });
    assert.deepEqual(made, []);
    attention.attend(query, key, key);
    assert.deepEqual(made, [out.length]);
  });

  test('used counts tensors while they live, in steps of 64 bytes', async () => {
    const attention = await create();
    const { used } = attention.memory;
    const one = attention.tensor([1]);
    const seventeen = attention.tensor([17]);
    assert.equal(attention.memory.used, used + 64 + 128);
    one.dispose();
    assert.equal(attention.memory.used, used + 128);
    seventeen.dispose();
    assert.equal(attention.memory.used, used);
    attention.dispose();
  });

  test('disposing twice is disposing once', async () => {
    const attention = await create();
    const [first, second] = [attention.tensor([4]), attention.tensor([4])];
    first.dispose();
    const { used } = attention.memory;
    first.dispose();
    first[Symbol.dispose]();
    assert.equal(attention.memory.used, used);
    const third = attention.tensor([4], [5, 6, 7, 8]); // where the first was
    first.dispose();
    assert.deepEqual([...third.data], [5, 6, 7, 8]);
    second.dispose();
    attention.dispose();
    attention.dispose();
    third.dispose();
  });

  test('Symbol.dispose frees, as `using` does at the end of its block', async () => {
    const attention = await create();
    const { used } = attention.memory;
    const tensor = attention.tensor([8]);
    tensor[Symbol.dispose]();
    assert.equal(attention.memory.used, used);
    assert.throws(() => tensor.data, { name: 'QkvError', code: 'ERR_DISPOSED' });
    attention[Symbol.dispose]();
    assert.throws(() => attention.memory, { name: 'QkvError', code: 'ERR_DISPOSED' });
  });

  test('after dispose() every use throws ERR_DISPOSED, and info can still be read', async () => {
    const attention = await create();
    const tensor = attention.tensor([1, 2], [3, 4]);
    const { output } = attention.attend([[1]], [[1]], [[5]]);
    attention.dispose();
    const uses = {
      attend: () => attention.attend([[1]], [[1]], [[1]]),
      trace: () => attention.trace([[1]], [[1]], [[1]]),
      tensor: () => attention.tensor([1]),
      memory: () => attention.memory,
    };
    for (const [name, use] of Object.entries(uses)) {
      const expected = { code: 'ERR_DISPOSED', argument: 'attention', says: /createAttention/ };
      assert.throws(use, (error) => assertExplained(error, expected), name);
    }
    assert.throws(() => tensor.data, { code: 'ERR_DISPOSED' }, 'its tensors are freed too');
    const other = await create();
    const expected = { code: 'ERR_DISPOSED', argument: 'query' };
    assert.throws(
      () => other.attend(tensor, [[1, 2]], [[1]]),
      (error) => assertExplained(error, expected),
    );
    other.dispose();
    assert.equal(attention.info.variant, engine.variant);
    assert.deepEqual([...output.data], [5]);
  });

  test('more than maxMemory is refused before any allocation, with the number of bytes', async () => {
    const attention = await create({ maxMemory: 8 * MIB });
    assertWorks(attention);
    const before = attention.memory;
    const refused = { code: 'ERR_SIZE', argument: 'memory' };
    const rows = { data: new Float32Array(4096), shape: [4096, 1] };
    const calls = [
      [() => attention.tensor([4 * MIB]), /16777216 bytes/],
      [() => attention.attend(rows, rows, rows, { capture: ['weights'] }), /67\d{6} bytes/],
      [() => attention.trace(rows, rows, rows), /\d{9} bytes/],
    ];
    for (const [call, says] of calls) {
      assert.throws(call, (error) => assertExplained(error, { ...refused, says }));
      assert.deepEqual(attention.memory, before);
    }
    assertWorks(attention);
    attention.attend(rows, rows, rows); // without the weights there is room
    assert.ok(attention.memory.bytes <= 8 * MIB);
    attention.dispose();
  });

  test('ERR_OOM when the memory is full, until something is disposed of', async () => {
    const attention = await create({ maxMemory: 2 * MIB });
    assertWorks(attention);
    const baseline = attention.memory.used;
    for (const elements of [MIB / 16, 1000, 16, 1]) {
      const { tensors, error } = fill(attention, elements);
      assert.ok(['ERR_SIZE', 'ERR_OOM'].includes(error.code), error.message);
      assertExplained(error, { code: error.code, argument: 'memory', says: /bytes/ });
      assert.ok(tensors.length > 0);
      assert.ok(attention.memory.bytes <= 2 * MIB);
      // The room that calls share is still there.
      assertWorks(attention);
      for (const tensor of tensors) tensor.dispose();
      assert.equal(attention.memory.used, baseline);
      assertWorks(attention);
    }
    attention.dispose();
  });

  test('an allocation that fails under a call leaves the instance as it was', async () => {
    const attention = await create({ maxMemory: 2 * MIB });
    const { tensors } = fill(attention, 256);
    const rows = { data: new Float32Array(3000).fill(1), shape: [3000, 1] };
    const held = tensors.map((tensor) => tensor.data[0]);
    // Each time there is a little more room, so each allocation of a call fails in turn.
    let failures = 0;
    for (;;) {
      try {
        const { data } = attention.attend(rows, rows, rows).output;
        assert.ok(data.every((x) => Math.abs(x - 1) < 1e-6));
        break;
      } catch (error) {
        assert.ok(['ERR_SIZE', 'ERR_OOM'].includes(error.code), error.stack);
        failures += 1;
        tensors.pop().dispose();
      }
    }
    assert.ok(failures > 10, `${failures} failures`);
    tensors.forEach((tensor, i) => {
      assert.equal(tensor.data[0], held[i]);
    });
    assertWorks(attention);
    attention.dispose();
  });

  test('depths (2, 0) and then (1, 2²²), whose workspaces differ by 800 MB', async () => {
    const attention = await create({ maxMemory: 256 * MIB });
    const beside = attention.tensor([1024], new Float32Array(1024).fill(7));
    attention.attend([[1, 2]], [[1, 2]], { data: new Float32Array(0), shape: [1, 0] });
    const behind = attention.tensor([1024], new Float32Array(1024).fill(8));
    const value = {
      data: Float32Array.from({ length: 2 ** 22 }, (_, i) => i),
      shape: [1, 2 ** 22],
    };
    for (const query of [{ data: new Float32Array(0), shape: [0, 1] }, [[1]]]) {
      let output;
      try {
        ({ output } = attention.attend(query, [[1]], value));
      } catch (error) {
        assertExplained(error, { code: 'ERR_SIZE', argument: 'memory' });
      }
      // Of one key the output is its value.
      if (output?.data.length > 0) assert.ok(output.data.every((x, i) => x === i));
      assert.ok(beside.data.every((x) => x === 7));
      assert.ok(behind.data.every((x) => x === 8));
      assertWorks(attention);
    }
    attention.dispose();
  });

  test('an engine that cannot reserve memory', async () => {
    const { grow } = WebAssembly.Memory.prototype;
    const attention = await create();
    assertWorks(attention);
    WebAssembly.Memory.prototype.grow = () => {
      throw new RangeError('no memory');
    };
    try {
      const error = failureOf(() => attention.tensor([MIB]));
      assertExplained(error, { code: 'ERR_OOM', argument: 'memory', says: /4194304 bytes/ });
      assertWorks(attention);
    } finally {
      WebAssembly.Memory.prototype.grow = grow;
    }
    attention.tensor([MIB]).dispose();
    attention.dispose();
  });

  test('100000 small calls use no more memory than one', async () => {
    const attention = await create();
    const query = { data: Float32Array.of(3, 4), shape: [1, 2] };
    const keys = { data: Float32Array.of(1, 2, 2, 3), shape: [2, 2] };
    const options = { capture: ['weights', 'logSumExp'], mask: [true, true] };
    attention.attend(query, keys, keys, options);
    const before = attention.memory;
    for (let i = 0; i < 100_000; i++) attention.attend(query, keys, keys, options);
    assert.deepEqual(attention.memory, before);
    for (let i = 0; i < 10_000; i++) attention.tensor([2], [1, 2]).dispose();
    assert.deepEqual(attention.memory, before);
    attention.dispose();
  });

  test('tensors without references are freed', async () => {
    const attention = await create();
    const { used } = attention.memory;
    const kept = attention.tensor([4], [1, 2, 3, 4]);
    for (let i = 0; i < 50; i++) attention.tensor([1000]);
    assert.ok(attention.memory.used >= used + 200_000);
    await collectUntil(() => attention.memory.used === used + 64);
    assert.equal(attention.memory.used, used + 64);
    assert.deepEqual([...kept.data], [1, 2, 3, 4]);
    attention.dispose();
  });

  test('instances share nothing', async () => {
    const [first, second] = await Promise.all([create(), create()]);
    const before = second.memory;
    const tensor = first.tensor([MIB]);
    assert.deepEqual(second.memory, before);
    first.dispose();
    assertWorks(second);
    assert.equal(tensor.shape[0], MIB);
    second.dispose();
  });
});

test('the output of a call takes no memory beside a query of the same shape', async () => {
  const attention = await createAttention();
  const query = { data: new Float32Array(2 ** 20).fill(2), shape: [2 ** 14, 64] };
  const key = [Array(64).fill(1)];
  const { output } = attention.attend(query, key, key);
  assert.ok(attention.memory.used < 1.1 * query.data.byteLength, `${attention.memory.used} bytes`);
  assert.ok(output.data.every((number) => number === 1));
  assert.ok(query.data.every((number) => number === 2));
  attention.dispose();
});

test('scratch memory of large calls is freed when another allocation needs it', async () => {
  const attention = await createAttention({ maxMemory: 16 * 2 ** 20 });
  const query = { data: new Float32Array(2 ** 21), shape: [2 ** 19, 4] };
  attention.attend(query, [[1, 2, 3, 4]], [[1, 2, 3, 4]]);
  assert.ok(attention.memory.used > 8 * 2 ** 20, 'the call was not large');
  const tensor = attention.tensor([2 ** 21]);
  assert.equal(tensor.data.length, 2 ** 21);
  assert.equal(attention.attend([[1]], [[1]], [[5]]).output.data[0], 5);
  attention.dispose();
});
