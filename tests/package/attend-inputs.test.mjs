// Every way to give inputs and to take the output gives the same bits, and changes no input.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { createAttention } from 'qkv';
import { inputsOf } from '../random/problem.mjs';
import { assertSameBits } from './closeness.mjs';
import { forEachVariant } from './variants.mjs';

const PROBLEM = inputsOf({
  ...{ seed: 7, rank: 4, batch: 2, keyHeads: 2, group: 2 },
  ...{ queries: 3, keys: 9, depth: 5, valueDepth: 6 },
});
const MASK = { data: Uint8Array.from([1, 1, 0, 1, 7, 1, 255, 0, 1]), shape: [9] };
const BIAS = { data: Float32Array.from([0, 1, 2, -Infinity, 0.5, -1, 0, 3, 0]), shape: [1, 9] };

function nested({ data, shape }) {
  let level = Array.from(data);
  for (const size of shape.slice(1).reverse()) {
    const rows = [];
    for (let i = 0; i < level.length; i += size) rows.push(level.slice(i, i + size));
    level = rows;
  }
  return level;
}

/** A copy that starts `bytes` into a larger buffer of the given kind. */
function viewAt(bytes, data, Buffer = ArrayBuffer) {
  const buffer = new Buffer(bytes + data.byteLength + 13);
  const view = new data.constructor(buffer, bytes, data.length);
  view.set(data);
  return view;
}

const OTHER_REALM = vm.createContext({});
const inOtherRealm = (data) =>
  vm.runInContext(`(numbers) => ${data.constructor.name}.from(numbers)`, OTHER_REALM)([...data]);

/** Other ways to give the tensor `{ data, shape }`. */
const WAYS = {
  'nested arrays': (t) =>
    t.data instanceof Uint8Array ? nested({ ...t, data: [...t.data].map(Boolean) }) : nested(t),
  'a frozen object': (t) => Object.freeze({ data: t.data, shape: Object.freeze([...t.shape]) }),
  'a view at an odd offset': (t) => ({
    ...t,
    data: viewAt(t.data.BYTES_PER_ELEMENT * 3, t.data),
  }),
  'shared memory': (t) => ({ ...t, data: viewAt(8, t.data, SharedArrayBuffer) }),
  'a subclass': (t) => ({ ...t, data: new (class extends t.data.constructor {})(t.data) }),
  'another realm': (t) => ({
    data: inOtherRealm(t.data),
    shape: vm.runInContext(`(numbers) => [...numbers]`, OTHER_REALM)(t.shape),
  }),
  getters: (t) => ({
    get data() {
      return t.data;
    },
    get shape() {
      return t.shape;
    },
  }),
  'a resizable buffer': (t) => {
    const buffer = new ArrayBuffer(t.data.byteLength, { maxByteLength: t.data.byteLength + 64 });
    const data = new t.data.constructor(buffer);
    data.set(t.data);
    return { ...t, data };
  },
};

forEachVariant('inputs', (engine) => {
  const attend = ({ query, key, value, mask, bias }, options = {}) =>
    engine.attention.attend(query, key, value, { mask, bias, ...options }).output;
  const all = (way) => ({
    ...Object.fromEntries(Object.entries(PROBLEM).map(([name, t]) => [name, way(t)])),
    mask: way(MASK),
    bias: way(BIAS),
  });
  const plain = () => attend({ ...PROBLEM, mask: MASK, bias: BIAS });

  for (const [name, way] of Object.entries(WAYS)) {
    test(`${name} give the same bits`, () => {
      const { data, shape } = attend(all(way));
      assert.deepEqual([...shape], [2, 4, 3, 6]);
      assertSameBits(data, plain().data);
    });
  }

  test('resident tensors give the same bits, and are not changed', () => {
    const { attention } = engine;
    const resident = ({ data, shape }) => attention.tensor(shape, data);
    const given = { ...all((t) => t), bias: resident(BIAS) };
    for (const name of ['query', 'key', 'value']) given[name] = resident(PROBLEM[name]);
    assertSameBits(attend(given).data, plain().data);
    for (const [name, { data, shape }] of Object.entries({ ...PROBLEM, bias: BIAS })) {
      assertSameBits(given[name].data, data, name);
      assert.deepEqual([...given[name].shape], shape, name);
      given[name].dispose();
    }
  });

  test('one tensor may be query, key and value', () => {
    const { key } = PROBLEM;
    const copy = () => ({ data: key.data.slice(), shape: [...key.shape] });
    const expected = engine.attention.attend(copy(), copy(), copy()).output.data;
    assertSameBits(engine.attention.attend(key, key, key).output.data, expected);
    const resident = engine.attention.tensor(key.shape, key.data);
    assertSameBits(engine.attention.attend(resident, resident, resident).output.data, expected);
    resident.dispose();
  });

  test('a tensor of another instance is copied', async () => {
    const other = await createAttention({ variant: 'scalar' });
    const query = other.tensor(PROBLEM.query.shape, PROBLEM.query.data);
    assertSameBits(attend({ ...PROBLEM, query, mask: MASK, bias: BIAS }).data, plain().data);
    other.dispose();
  });

  test('inputs and options are not changed, detached or kept', () => {
    const given = all(WAYS['a view at an odd offset']);
    const before = structuredClone(given);
    const options = { capture: ['weights'], keyLengths: [9, 4], window: { left: 2 } };
    const optionsBefore = structuredClone(options);
    const first = attend(given, options);
    assert.deepEqual(given, before);
    assert.deepEqual(options, optionsBefore);
    given.query.data.fill(Number.NaN);
    assertSameBits(attend(before, options).data, first.data);
  });

  test('a later call does not write to an earlier result', () => {
    const first = plain();
    const kept = first.data.slice();
    attend({ ...PROBLEM, mask: [false] });
    assertSameBits(first.data, kept);
    assert.equal(first.data.byteLength, first.data.buffer.byteLength);
  });

  test('out is written and returned', () => {
    const expected = plain().data;
    const given = { ...PROBLEM, mask: MASK, bias: BIAS };
    const array = new Float32Array(expected.length).fill(-1);
    const written = attend(given, { out: array });
    assert.equal(written.data, array);
    assert.deepEqual([...written.shape], [2, 4, 3, 6]);
    assertSameBits(array, expected);

    const view = viewAt(12, new Float32Array(expected.length));
    attend(given, { out: view });
    assertSameBits(view, expected);
    const around = new Uint8Array(view.buffer);
    const outside = [...around.slice(0, 12), ...around.slice(12 + view.byteLength)];
    assert.deepEqual(outside, new Array(25).fill(0), 'bytes around the view are left alone');

    const shared = viewAt(4, new Float32Array(expected.length), SharedArrayBuffer);
    assertSameBits(attend(given, { out: shared }).data, expected);
  });

  test('out may be a resident tensor, which follows the memory when it grows', () => {
    const { attention } = engine;
    const out = attention.tensor([2, 4, 3, 6]);
    const written = attend({ ...PROBLEM, mask: MASK, bias: BIAS }, { out });
    assertSameBits(written.data, plain().data);
    attention.tensor([attention.memory.bytes / 4]).dispose();
    assertSameBits(out.data, plain().data);
    assertSameBits(written.data, plain().data);
    out.dispose();
  });

  test('out may be a resident tensor of another instance', async () => {
    const other = await createAttention({ variant: 'scalar' });
    const out = other.tensor([2, 4, 3, 6]);
    const written = attend({ ...PROBLEM, mask: MASK, bias: BIAS }, { out });
    assertSameBits(out.data, plain().data);
    assertSameBits(written.data, plain().data);
    other.dispose();
  });

  test('an out of 0 elements may be detached', () => {
    const { attention } = engine;
    const none = { data: new Float32Array(), shape: [0, 4] };
    const out = new Float32Array();
    structuredClone(out.buffer, { transfer: [out.buffer] });
    assert.equal(attention.attend(none, none, none, { out }).output.data.length, 0);
  });

  test('out may lie beside an input in one buffer', () => {
    const one = new Float32Array(2 + 4);
    one.set([3, 4]);
    const query = { data: one.subarray(0, 2), shape: [1, 2] };
    const out = one.subarray(2, 4);
    const { data } = engine.attention.attend(query, [[1, 0]], [[5, 6]], { out }).output;
    assert.equal(data, out);
    assert.deepEqual([...one], [3, 4, 5, 6, 0, 0]);
  });

  test('tensor() takes any array of numbers, and is zeros without', () => {
    const { attention } = engine;
    for (const data of [
      [1, 2],
      Float64Array.of(1, 2),
      Int8Array.of(1, 2),
      { length: 2, 0: 1, 1: 2 },
    ]) {
      const resident = attention.tensor([1, 2], data);
      assert.deepEqual([...resident.data], [1, 2]);
      assert.deepEqual([...resident.shape], [1, 2]);
      resident.dispose();
    }
    const full = attention.tensor([64], new Float32Array(64).fill(7));
    full.dispose();
    const zeros = attention.tensor([64]);
    assert.deepEqual([...zeros.data], new Array(64).fill(0), 'memory that was used before');
    zeros.dispose();
    const empty = attention.tensor([0, 3]);
    assert.equal(empty.data.length, 0);
    empty.dispose();
  });
});
