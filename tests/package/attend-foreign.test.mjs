// Tensors and masks of other programs: what is read without loss gives the bits of float32 and bytes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tensor as OrtTensor } from 'onnxruntime-common';
import { createAttention } from 'qkv';
import { inputsOf } from '../random/problem.mjs';
import { assertSameBits } from './closeness.mjs';
import { forEachVariant } from './variants.mjs';

const PROBLEM = inputsOf({
  ...{ seed: 11, rank: 4, batch: 2, keyHeads: 2, group: 1 },
  ...{ queries: 3, keys: 5, depth: 4, valueDepth: 4 },
});

/** A tensor as transformers.js makes them: a proxy of an object with getters, which hands out rows too. */
function proxied(inner) {
  class Tensor {
    get data() {
      return inner.data;
    }
    get dims() {
      return inner.dims;
    }
    get type() {
      return inner.type;
    }
  }
  return new Proxy(new Tensor(), {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) throw new Error('asked for a row');
      return Reflect.get(target, name);
    },
  });
}

/** Nested arrays whose rows are what `row` makes of them. */
function nested({ data, shape }, row) {
  let level = [];
  const columns = shape.at(-1);
  for (let i = 0; i < data.length; i += columns) level.push(row(data.subarray(i, i + columns)));
  for (const size of shape.slice(1, -1).reverse()) {
    const rows = [];
    for (let i = 0; i < level.length; i += size) rows.push(level.slice(i, i + size));
    level = rows;
  }
  return level;
}

/** Other ways to give the same floats. */
const FLOATS = {
  dims: ({ data, shape }) => ({ data, dims: shape }),
  'a tensor of onnxruntime': ({ data, shape }) => new OrtTensor('float32', data, shape),
  'a tensor as of transformers.js': ({ data, shape }) =>
    proxied(new OrtTensor('float32', data, shape)),
  Float64Array: ({ data, shape }) => ({ data: Float64Array.from(data), shape }),
  'a subclass of Float64Array': ({ data, shape }) => {
    const own = new (class extends Float64Array {})(data);
    Object.defineProperty(own, 'length', { value: 1 });
    return { data: own, shape };
  },
  'Float64Array of onnxruntime': ({ data, shape }) =>
    new OrtTensor('float64', Float64Array.from(data), shape),
  'rows of Float32Array': (tensor) => nested(tensor, (row) => row),
  'rows of Float64Array': (tensor) => nested(tensor, (row) => Float64Array.from(row)),
};

forEachVariant('floats of others', (engine) => {
  const attend = ({ query, key, value }) => engine.attention.attend(query, key, value).output;
  for (const [name, way] of Object.entries(FLOATS)) {
    test(`${name}: the bits of { data, shape }`, () => {
      const given = Object.fromEntries(Object.entries(PROBLEM).map(([k, t]) => [k, way(t)]));
      const before = structuredClone(PROBLEM);
      assertSameBits(attend(given).data, attend(PROBLEM).data);
      assert.deepEqual(PROBLEM, before);
    });
  }

  test('Float64Array rounds to float32', () => {
    const value = { data: Float64Array.of(0.1, 1 / 3, 1e-300, -Infinity), shape: [1, 4] };
    const { data } = engine.attention.attend([[1]], [[1]], value).output;
    assert.deepEqual([...data], [0.1, 1 / 3, 0, -Infinity].map(Math.fround));
  });

  test('float16 bits, each of the 65536', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const value = { data: bits, shape: [1, 65536], type: 'float16' };
    const { data } = engine.attention.attend([[1]], [[1]], value).output;
    for (let i = 0; i < 65536; i++)
      assert.ok(
        data[i] === float16(i) || (Number.isNaN(data[i]) && Number.isNaN(float16(i))),
        `${i}: ${data[i]}`,
      );
  });

  test('float16 in a tensor of onnxruntime', () => {
    const tensor = new OrtTensor('float16', Uint16Array.of(0x3c00, 0xc000), [1, 2]);
    const { data } = engine.attention.attend([[1]], [[1]], tensor).output;
    assert.deepEqual([...data], [1, -2]);
  });

  test('Float16Array', { skip: !globalThis.Float16Array && 'the engine has none' }, () => {
    const data = Float16Array.of(0.1, -2, 2 ** -24, Infinity);
    const expected = [...data];
    for (const given of [{ data, shape: [1, 4] }, [data]])
      assert.deepEqual([...engine.attention.attend([[1]], [[1]], given).output.data], expected);
  });

  test('detached', () => {
    for (const Type of [Float64Array, Uint16Array]) {
      const data = new Type(2);
      const query = { data, shape: [1, 2], type: 'float16' };
      structuredClone(data.buffer, { transfer: [data.buffer] });
      const call = () => engine.attention.attend(query, [[1, 2]], [[1]]);
      assert.throws(call, { code: 'ERR_DETACHED', argument: 'query.data' });
    }
  });
});

/** The value of float16 bits by IEEE 754. */
function float16(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? 2 ** -14 * fraction : 2 ** (exponent - 15) * (1 + fraction));
}

const BITS = [1, 0, 1, 1, 0];
const INTEGERS = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[BigInt64Array, BigUint64Array],
];
/** The bits as an array of this type. */
const as = (Type, bits) => Type.from(Type.name.startsWith('Big') ? bits.map(BigInt) : bits);

forEachVariant('masks of others', (engine) => {
  const { query, key, value } = PROBLEM;
  const masked = (mask) => engine.attention.attend(query, key, value, { mask }).output.data;
  const expected = () => masked({ data: Uint8Array.from(BITS), shape: [5] });

  for (const Type of INTEGERS)
    test(`${Type.name} of 0 and 1`, () => {
      const data = as(Type, BITS);
      assertSameBits(masked({ data, shape: [5] }), expected());
      assertSameBits(masked({ data, dims: [5] }), expected());
      assertSameBits(masked([data]), expected());
      const none = masked({ data: as(Type, [0, 0, 0, 0, 0]), shape: [5] });
      assert.ok(none.every((x) => x === 0));
      assert.ok(masked([as(Type, [0, 0, 0, 0, 0])]).every((x) => x === 0));
    });

  const bigints = BITS.map(BigInt);
  const booleans = BITS.map(Boolean);
  for (const [name, mask] of Object.entries({
    'booleans of rank 1': booleans,
    'booleans of rank 2': [booleans],
    'booleans of rank 3': [[booleans]],
    'booleans of rank 4': [[[booleans]]],
    'numbers of rank 1': BITS,
    'numbers of rank 4': [[[BITS]]],
    'bigints of rank 2': [bigints],
    'booleans as data': { data: booleans, shape: [5] },
    'numbers as data': { data: BITS, shape: [1, 5] },
    'a tensor of onnxruntime, bool': new OrtTensor('bool', booleans, [5]),
    'a tensor of onnxruntime, int64': new OrtTensor('int64', BigInt64Array.from(bigints), [1, 5]),
  }))
    test(name, () => assertSameBits(masked(mask), expected()));

  test('booleans of rank 4, all different', () => {
    const data = Uint8Array.from({ length: 2 * 2 * 3 * 5 }, (_, i) => (i * 7 + (i >> 2)) & 1);
    const shape = [2, 2, 3, 5];
    const rows = nested({ data, shape }, (row) => Array.from(row, Boolean));
    assertSameBits(masked(rows), masked({ data, shape }));
  });
});

test('floats and masks of others in every other operation', async () => {
  const attention = await createAttention({ variant: 'simd' });
  const double = ({ data, shape }) => ({ data: Float64Array.from(data), dims: shape });
  const { query, key, value } = PROBLEM;
  const trace = (...inputs) => attention.trace(...inputs).output.data;
  assertSameBits(trace(double(query), double(key), double(value)), trace(query, key, value));
  const rotate = (x) => attention.rotaryEmbedding(x).data;
  assertSameBits(rotate(double(query)), rotate(query));
  const cached = (k, v) => {
    const cache = attention.createKVCache({ batch: 2, heads: 2, depth: 4 });
    cache.append(k, v);
    return attention.attend(query, cache).output.data;
  };
  assertSameBits(cached(double(key), double(value)), cached(key, value));
  attention.dispose();
});
