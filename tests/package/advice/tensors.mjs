// Tensors whose numbers are in another form, as data, as rows or as bytes.

import { codeIn, WORKED, WORKED_OUTPUT } from './setting.mjs';

const [, KEY, VALUE] = WORKED;
const shape = [1, 2];
const worked = ({ attention }, query) => attention.attend(query, KEY, VALUE).output.data;

/** A query [3, 4] in a form that is refused; each piece of code in the advice gives it in another. */
const query = (name, data, type) => ({
  name,
  given: (setting) => worked(setting, { data, shape, ...(type && { type }) }),
  ways: { code: (setting, error) => worked(setting, asTensor(codeIn(error, { data, shape })[0])) },
  expected: WORKED_OUTPUT,
});
/** Code in advice gives a tensor, or its data. */
const asTensor = (given) => (ArrayBuffer.isView(given) ? { data: given, shape } : given);

/** The numbers as a part of a larger buffer: `at` bytes from its start. */
function within(at, numbers) {
  const bytes = new Uint8Array(numbers.buffer);
  const larger = new ArrayBuffer(at + bytes.length + 9);
  new Uint8Array(larger, at).set(bytes);
  return [larger, at, bytes.length];
}
const FLOATS = Float32Array.of(3, 4);
const DOUBLES = Float64Array.of(3, 4);
const HALVES = Uint16Array.of(0x4200, 0x4400); // 3 and 4
const BRAINS = Uint16Array.of(0x4040, 0x4080); // 3 and 4 in bfloat16

const bareHalves = (name, index) => ({
  name: `bare Uint16Array: ${name}`,
  given: (setting) => worked(setting, { data: index === 2 ? Uint16Array.of(3, 4) : HALVES, shape }),
  ways: {
    [name]: (setting, error) => {
      const data = index === 2 ? Uint16Array.of(3, 4) : HALVES;
      // Only this one: an engine without Float16Array cannot run the code that makes one.
      const fix = `\`${[...error.fix.matchAll(/`([^`]+)`/g)][index][1]}\``;
      return worked(setting, asTensor(codeIn({ fix }, { data, shape })[0]));
    },
  },
  expected: WORKED_OUTPUT,
});

/** A row that is a typed array; the code at `index` in the advice converts it. */
const rows = (name, row, index) => ({
  name: `rows: ${name}`,
  given: (setting) => worked(setting, [row]),
  ways: {
    code: (setting, error) => {
      const given = codeIn(error, { row, data: row, shape: [1, row.length] })[index];
      return worked(setting, ArrayBuffer.isView(given) ? [given] : given);
    },
  },
  expected: WORKED_OUTPUT,
});

export const CASES = [
  query('an array of numbers', [3, 4]),
  query('Int32Array', Int32Array.of(3, 4)),
  query('BigInt64Array', BigInt64Array.of(3n, 4n)),
  query('Uint8Array of numbers', Uint8Array.of(3, 4)),
  query('bfloat16', BRAINS, 'bfloat16'),
  bareHalves('the type', 0),
  ...(globalThis.Float16Array ? [bareHalves('Float16Array', 1)] : []),
  bareHalves('integers', 2),

  query('ArrayBuffer', FLOATS.buffer),
  query('SharedArrayBuffer of float64', sharedCopy(DOUBLES)),
  query('Buffer', Buffer.from(...within(8, FLOATS))),
  query('Buffer of a pool, not aligned', Buffer.from(...within(5, FLOATS))),
  query('DataView', new DataView(...within(4, FLOATS))),
  query('DataView, not aligned', new DataView(...within(3, FLOATS))),
  query('DataView of float64, aligned to 4 bytes', new DataView(...within(4, DOUBLES))),
  query('Uint8Array of float16', new Uint8Array(...within(2, HALVES))),
  query('Uint8Array of float16, not aligned', new Uint8Array(...within(1, HALVES))),
  {
    name: 'tensor() of bytes',
    given: ({ attention }) => attention.tensor(shape, new Uint8Array(...within(4, FLOATS))),
    ways: {
      code: (setting, error) => {
        const data = new Uint8Array(...within(4, FLOATS));
        const tensor = setting.attention.tensor(shape, codeIn(error, { data, shape })[0].data);
        const output = worked(setting, tensor);
        tensor.dispose();
        return output;
      },
    },
    expected: WORKED_OUTPUT,
  },

  rows('integers', Int16Array.of(3, 4), 0),
  rows('bytes', new Uint8Array(...within(4, FLOATS)), 1),
  rows('float16 bits, as one tensor', HALVES, 0),
  rows('16-bit integers', Uint16Array.of(3, 4), 1),
  {
    name: 'no shape',
    given: (setting) => worked(setting, FLOATS),
    ways: {
      code: (setting, error) =>
        worked(setting, codeIn(error, { data: FLOATS, rows: 1, columns: 2 })[0]),
    },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'data that was transferred',
    given(setting) {
      const data = FLOATS.slice();
      structuredClone(data, { transfer: [data.buffer] });
      return worked(setting, { data, shape });
    },
    ways: {
      'a copy made before': (setting, error) => {
        const data = FLOATS.slice();
        const [copy] = codeIn(error, { data });
        structuredClone(data, { transfer: [data.buffer] });
        return worked(setting, { data: copy, shape });
      },
    },
    expected: WORKED_OUTPUT,
  },
];

function sharedCopy(numbers) {
  const shared = new SharedArrayBuffer(numbers.byteLength);
  new Uint8Array(shared).set(new Uint8Array(numbers.buffer));
  return shared;
}
