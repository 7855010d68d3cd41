// Buffers that are detached, shrink, or overlap.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttention } from 'qkv';
import { assertSameBits } from './closeness.mjs';
import { assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

const given = (data, ...shape) => ({ data, shape });
/** Fresh operands: L = 1, S = 2, D = Dv = 2. */
const fresh = () => ({
  query: given(Float32Array.of(3, 4), 1, 2),
  key: given(Float32Array.of(1, 2, 2, 3), 2, 2),
  value: given(Float32Array.of(7, 8, 9, 10), 2, 2),
  mask: given(Uint8Array.of(1, 1), 2),
  bias: given(Float32Array.of(0, 0), 2),
});
const attend = (attention, { query, key, value, mask, bias }, options) =>
  attention.attend(query, key, value, { mask, bias, ...options });
const detach = ({ buffer }) => structuredClone(buffer, { transfer: [buffer] });

/** The same numbers in a resizable buffer; the view has its own length, or that of the buffer. */
function resizable(data, tracks) {
  const buffer = new ArrayBuffer(data.byteLength, { maxByteLength: 4 * data.byteLength });
  const view = new data.constructor(buffer, 0, ...(tracks ? [] : [data.length]));
  view.set(data);
  return view;
}

forEachVariant('buffers', (engine) => {
  const refuse = (name, prepare, code, argument, says) =>
    test(name, () => {
      const call = prepare(engine.attention);
      assertRefused(engine.attention, call, { code, argument, says });
    });

  for (const name of Object.keys(fresh())) {
    const size = fresh()[name].data.length;
    refuse(
      `${name}: detached`,
      (a) => () => {
        const operands = fresh();
        detach(operands[name].data);
        return attend(a, operands);
      },
      'ERR_DETACHED',
      `${name}.data`,
      new RegExp(`${size} elements.*detached`),
    );
    refuse(
      `${name}: its resizable buffer shrank below its end`,
      (a) => () => {
        const operands = fresh();
        const data = resizable(operands[name].data, false);
        operands[name].data = data;
        data.buffer.resize(0);
        return attend(a, operands);
      },
      'ERR_DETACHED',
      `${name}.data`,
      /shrunk/,
    );
    for (const [how, factor] of [
      ['shrank', 0.5],
      ['grew', 2],
    ]) {
      refuse(
        `${name}: a view that tracks its buffer's length, which ${how}`,
        (a) => () => {
          const operands = fresh();
          const data = resizable(operands[name].data, true);
          operands[name].data = data;
          data.buffer.resize(data.byteLength * factor);
          return attend(a, operands);
        },
        'ERR_SHAPE',
        `${name}.data`,
        new RegExp(`${size} .* ${size * factor}`),
      );
    }
    refuse(
      `out is ${name}`,
      (a) => () => {
        const operands = fresh();
        const { data } = operands[name];
        const out = new Float32Array(data.buffer, 0, Math.min(2, data.byteLength >> 2));
        if (name === 'mask') {
          const buffer = new ArrayBuffer(8);
          operands.mask.data = new Uint8Array(buffer, 5, 2).fill(1);
          return attend(a, operands, { out: new Float32Array(buffer) });
        }
        return attend(a, operands, { out });
      },
      'ERR_OVERLAP',
      'out',
      new RegExp(name),
    );
  }

  refuse(
    'out overlaps a part of an input',
    (a) => () => {
      const buffer = new Float32Array(5);
      const operands = { ...fresh(), key: given(buffer.subarray(1, 5), 2, 2) };
      return attend(a, operands, { out: buffer.subarray(0, 2) });
    },
    'ERR_OVERLAP',
    'out',
    /key/,
  );
  refuse(
    'out: detached',
    (a) => () => {
      const out = new Float32Array(2);
      detach(out);
      return attend(a, fresh(), { out });
    },
    'ERR_DETACHED',
    'out',
  );
  refuse(
    'out: a resident tensor that is an input',
    (a) => {
      const query = a.tensor([1, 2], [3, 4]);
      return () => attend(a, { ...fresh(), query }, { out: query });
    },
    'ERR_OVERLAP',
    'out',
    /query/,
  );
  refuse(
    'out: the view of a resident tensor that is an input',
    (a) => {
      const key = a.tensor([2, 2], [1, 2, 2, 3]);
      return () => attend(a, { ...fresh(), key }, { out: key.data.subarray(1, 3) });
    },
    'ERR_OVERLAP',
    'out',
    /key/,
  );
  refuse(
    'out: a resident tensor of another size',
    (a) => {
      const out = a.tensor([2, 2]);
      return () => attend(a, fresh(), { out });
    },
    'ERR_SHAPE',
    'out',
    /2 .* 4/,
  );
  for (const name of ['query', 'key', 'value', 'bias', 'out']) {
    refuse(
      `${name}: a resident tensor that was disposed of`,
      (a) => {
        const { data, shape } = fresh()[name] ?? given([0, 0], 1, 2);
        const tensor = a.tensor(shape, data);
        tensor.dispose();
        const operands = { ...fresh(), [name]: tensor };
        return () => attend(a, operands, { out: operands.out });
      },
      'ERR_DISPOSED',
      name,
    );
  }
  refuse(
    'tensor(): detached data',
    (a) => () => {
      const data = Float32Array.of(1, 2);
      detach(data);
      return a.tensor([2], data);
    },
    'ERR_DETACHED',
    'data',
  );
  refuse(
    'a view from before the memory grew',
    (a) => {
      const resident = a.tensor([1, 2], [3, 4]);
      const { data } = resident;
      a.tensor([a.memory.bytes / 4]).dispose();
      assert.equal(data.length, 0, 'the memory grew');
      assert.deepEqual([...resident.data], [3, 4]);
      return () => attend(a, { ...fresh(), query: given(data, 1, 2) });
    },
    'ERR_DETACHED',
    'query.data',
  );
});

// The call itself can make the memory grow, which detaches views that were valid when it began.
forEachVariant('growth during a call', (engine) => {
  const ROWS = 600;
  const rows = (from) => Float32Array.from({ length: ROWS }, (_, i) => ((from + i) % 7) / 4);
  const bias = Float32Array.from({ length: ROWS * ROWS }, (_, i) => (i % 5) / 8);
  const expected = () =>
    engine.attention.attend(...[0, 1, 2].map((from) => given(rows(from), ROWS, 1)), {
      bias: given(bias, ROWS, ROWS),
    }).output.data;

  /** A fresh instance whose memory is too small for the call that follows. */
  async function inSmallMemory(run) {
    const attention = await createAttention({ variant: engine.variant });
    const tensors = [0, 1, 2].map((from) => attention.tensor([ROWS, 1], rows(from)));
    const before = attention.memory.bytes;
    const data = run(attention, tensors);
    assert.ok(attention.memory.bytes > before, 'the memory grew');
    assertSameBits(data, expected());
    attention.dispose();
  }

  test('views of resident tensors as query, key and value', () =>
    inSmallMemory((attention, tensors) => {
      const views = tensors.map(({ data, shape }) => ({ data, shape }));
      return attention.attend(...views, { bias: given(bias, ROWS, ROWS) }).output.data;
    }));

  test('resident tensors as query, key and value', () =>
    inSmallMemory(
      (attention, tensors) =>
        attention.attend(...tensors, { bias: given(bias, ROWS, ROWS) }).output.data,
    ));

  test('a resident tensor as bias', () =>
    inSmallMemory((attention, tensors) => {
      const resident = attention.tensor([ROWS, ROWS], bias);
      return attention.attend(...tensors, { bias: resident }).output.data;
    }));

  test('a view of a resident tensor as out', () =>
    inSmallMemory((attention, tensors) => {
      const out = attention.tensor([ROWS, 1]);
      const { output } = attention.attend(...tensors, {
        bias: given(bias, ROWS, ROWS),
        out: out.data,
      });
      assertSameBits(output.data, out.data);
      return out.data;
    }));

  test('a view of a resident tensor as data of another', async () => {
    const attention = await createAttention({ variant: engine.variant });
    const first = attention.tensor([200_000], new Float32Array(200_000).fill(3));
    const before = attention.memory.bytes;
    const second = attention.tensor([200_000], first.data);
    assert.ok(attention.memory.bytes > before, 'the memory grew');
    assert.ok(second.data.every((x) => x === 3));
    attention.dispose();
  });
});
