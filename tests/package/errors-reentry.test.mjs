// The caller's code runs during a call: getters, proxies, and properties on prototypes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttention } from 'qkv';
import { assertSameBits } from './closeness.mjs';
import { assertRefused, assertWorks } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

const QUERY = [[3, 4]];
const KEY = [
  [1, 2],
  [2, 3],
];
const VALUE = [
  [7, 8],
  [9, 10],
];
const f32 = (...numbers) => Float32Array.from(numbers);
const TYPED_ARRAY = Object.getPrototypeOf(Float32Array.prototype);

/** An array of one number whose reading runs `effect`. */
const effectful = (number, effect) =>
  Object.defineProperty([number], 0, {
    get() {
      effect();
      return number;
    },
  });

/** Options that run `effect` when they are read, by where it happens. */
const PLACES = {
  'an option': (effect) => ({
    get scale() {
      effect();
      return undefined;
    },
  }),
  'a bound of the window': (effect) => ({
    window: {
      get left() {
        effect();
        return undefined;
      },
    },
  }),
  sinks: (effect) => ({ sinks: effectful(-1e30, effect) }),
  alibiSlopes: (effect) => ({ alibiSlopes: effectful(0, effect) }),
  keyLengths: (effect) => ({ keyLengths: effectful(2, effect) }),
  queryOffset: (effect) => ({ queryOffset: effectful(0, effect) }),
  capture: (effect) => ({ capture: effectful('weights', effect) }),
  'the shape of the bias': (effect) => ({
    bias: { data: f32(0), shape: effectful(1, effect) },
  }),
  'the data of the bias': (effect) => ({
    bias: {
      get data() {
        effect();
        return f32(0);
      },
      shape: [1],
    },
  }),
};

forEachVariant('code of the caller during a call', (engine) => {
  for (const [place, optionsThat] of Object.entries(PLACES)) {
    const attendWith = (attention, query, effect) =>
      attention.attend(query, KEY, VALUE, optionsThat(effect)).output.data;

    test(`${place} calls attend() and tensor()`, () => {
      const { attention } = engine;
      const expected = attendWith(attention, QUERY, () => {});
      let calls = 0;
      const actual = attendWith(attention, QUERY, () => {
        calls += 1;
        assertWorks(attention);
        attention.tensor([attention.memory.bytes / 8]).dispose();
      });
      assert.equal(calls, 1, 'read once');
      assertSameBits(actual, expected);
    });

    test(`${place} disposes of the instance`, async () => {
      const attention = await createAttention({ variant: engine.variant });
      assert.throws(() => attendWith(attention, QUERY, () => attention.dispose()), {
        name: 'QkvError',
        code: 'ERR_DISPOSED',
      });
    });

    test(`${place} disposes of the query`, () => {
      const { attention } = engine;
      const query = attention.tensor([1, 2], [3, 4]);
      assert.throws(() => attendWith(attention, query, () => query.dispose()), {
        name: 'QkvError',
        code: 'ERR_DISPOSED',
        argument: 'query',
      });
      assertWorks(attention);
    });

    test(`${place} detaches the query`, () => {
      const { attention } = engine;
      const data = f32(3, 4);
      const query = { data, shape: [1, 2] };
      const effect = () => structuredClone(data.buffer, { transfer: [data.buffer] });
      const call = () => attendWith(attention, query, () => data.length && effect());
      assertRefused(attention, call, { code: 'ERR_DETACHED', argument: 'query.data' });
    });

    test(`${place} throws: the caller gets that error unchanged`, () => {
      const { attention } = engine;
      const thrown = new Error('the caller’s own');
      const effect = () => {
        throw thrown;
      };
      assert.throws(
        () => attendWith(attention, QUERY, effect),
        (error) => error === thrown,
      );
      assertWorks(attention);
    });
  }

  // Every own property that a caller can give a typed array, as a getter that computes something else.
  const trapped = (attention, ...numbers) => {
    const array = f32(...numbers);
    const effect = () => attention.attend([[1, 1], [1, 1]], [[5, 5]], [[1, 1]]); // biome-ignore format: matrices
    for (const name of Object.getOwnPropertyNames(TYPED_ARRAY)) {
      const { value, get } = Object.getOwnPropertyDescriptor(TYPED_ARRAY, name);
      Object.defineProperty(array, name, {
        get() {
          effect();
          return get ? get.call(array) : value;
        },
      });
    }
    return array;
  };
  const tensor = (attention, shape, ...numbers) => ({
    data: trapped(attention, ...numbers),
    shape,
  });

  test('own properties of the arrays of a call run in its middle: the result is the same', () => {
    const { attention } = engine;
    const bias = [[-0.5, 0.5]];
    const expected = attention.attend(QUERY, KEY, VALUE, { bias }).output.data;
    const { data } = attention.attend(
      tensor(attention, [1, 2], 3, 4),
      tensor(attention, [2, 2], 1, 2, 2, 3),
      tensor(attention, [2, 2], 7, 8, 9, 10),
      { bias: tensor(attention, [1, 2], -0.5, 0.5) },
    ).output;
    assertSameBits(data, expected);
    assertWorks(attention);
  });

  test('own properties of the arrays of a cache run in append(): the rows are the same', () => {
    const { attention } = engine;
    const cache = attention.createKVCache({ heads: 1, depth: 2 });
    cache.append(tensor(attention, [2, 2], 1, 2, 2, 3), tensor(attention, [2, 2], 7, 8, 9, 10));
    assertSameBits(
      attention.attend(QUERY, cache).output.data,
      attention.attend(QUERY, KEY, VALUE).output.data,
    );
    cache.dispose();
  });

  test('set() of out is not called, since it would get a view of the memory', () => {
    const { attention } = engine;
    const expected = attention.attend(QUERY, KEY, VALUE).output.data;
    const out = new Float32Array(2);
    out.set = () => assert.fail('called');
    assertSameBits(attention.attend(QUERY, KEY, VALUE, { out }).output.data, expected);
    assertSameBits(out, expected);
  });

  test('data of tensor() disposes of the instance', async () => {
    const attention = await createAttention({ variant: engine.variant });
    const data = effectful(1, () => attention.dispose());
    assert.throws(() => attention.tensor([1], data), { name: 'QkvError', code: 'ERR_DISPOSED' });
  });

  test('data of tensor() throws: nothing stays allocated', () => {
    const { attention } = engine;
    const { used } = attention.memory;
    const data = effectful(1, () => {
      throw new Error('the caller’s own');
    });
    assert.throws(() => attention.tensor([1], data), { message: 'the caller’s own' });
    assert.equal(attention.memory.used, used);
  });

  test('only own properties are options: other prototypes are refused, and their code does not run', () => {
    const { attention } = engine;
    let runs = 0;
    class Settings {
      scale = undefined;
      get isCausal() {
        runs += 1;
        return true;
      }
    }
    const refused = { code: 'ERR_TYPE', argument: 'options', says: /plain object/ };
    for (const options of [{ __proto__: { scale: 5 } }, Object.create({ scal: 1 }), new Settings()])
      assertRefused(attention, () => attention.attend(QUERY, KEY, VALUE, options), refused);
    assert.equal(runs, 0);
  });

  test('a polluted Object.prototype is ignored', async () => {
    const { attention } = engine;
    const inputs = [QUERY, KEY, VALUE];
    const expected = attention.attend(...inputs).output.data;
    const pollution = {
      ...{ scale: 9, isCausal: 'x', queryOffset: 'x', window: 'x', mask: 'x', bias: 'x' },
      ...{ alibiSlopes: 'x', softcap: 'x', sinks: 'x', keyLengths: 'x', layout: 'x' },
      ...{ capture: ['weights'], out: 'x', left: -1, right: -1, isOff: 'x' },
      ...{ variant: 'x', deterministic: 'x', wasm: 'x', maxMemory: 'x', signal: 'x' },
      ...{ argument: 'x', expected: 'x', received: 'x', fix: 'x', cause: 'x' },
    };
    try {
      for (const [name, value] of Object.entries(pollution))
        Object.defineProperty(Object.prototype, name, {
          value,
          configurable: true,
          writable: true,
        });
      for (const options of [undefined, {}, { window: {} }, { isCausal: false }]) {
        const result = attention.attend(...inputs, options);
        assert.deepEqual(Object.keys(result), ['output']);
        assertSameBits(result.output.data, expected);
      }
      assertSameBits(attention.trace(...inputs).output.data, expected);
      const created = await createAttention();
      assertWorks(created);
      created.dispose();
    } finally {
      for (const name of Object.keys(pollution)) delete Object.prototype[name];
    }
  });
});

test('own properties of a typed array (length, buffer) are ignored', async () => {
  const attention = await createAttention();
  const lying = (name, value) => {
    const data = Float32Array.of(3, 4);
    Object.defineProperty(data, name, typeof value === 'function' ? { get: value } : { value });
    return data;
  };
  const attend = (data, shape, options) =>
    attention.attend(
      { data, shape },
      [
        [1, 2],
        [2, 3],
      ],
      [
        [7, 8],
        [9, 10],
      ],
      options,
    ).output.data;
  assert.throws(() => attend(lying('length', 2000), [1000, 2]), {
    code: 'ERR_SHAPE',
    argument: 'query.data',
  });
  const right = [...attend(Float32Array.of(3, 4), [1, 2])];
  for (const [name, value] of [
    ['byteLength', 0],
    ['byteOffset', 4],
    ['buffer', new ArrayBuffer(8)],
    ['length', () => attend(Float32Array.of(0, 0), [1, 2]).length],
  ]) {
    assert.deepEqual([...attend(lying(name, value), [1, 2])], right, name);
    const out = lying(name, value);
    attend(Float32Array.of(3, 4), [1, 2], { out });
    const written = new Float32Array(2).map((_, i) => out[i]);
    assert.deepEqual([...written], right, name);
  }
  attention.dispose();
});
