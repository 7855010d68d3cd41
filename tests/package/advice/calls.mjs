// Calls in a wrong order or with arguments that do not fit, and objects that were disposed of.

import binaryen from 'binaryen';
import { createAttention } from 'qkv';
import { createAttention as createInline } from 'qkv/inline';
import { rotaryReference } from '../../reference/rotary.mjs';
import { wasmBytes } from '../wasm-file.mjs';
import {
  attend,
  codeIn,
  KEY,
  QUERY,
  reference,
  VALUE,
  WORKED,
  WORKED_OUTPUT,
  work,
} from './setting.mjs';

const [QUERY_2, KEY_2, VALUE_2] = WORKED;
const PLAIN = reference({});
const cacheOf = (attention, options) => {
  const cache = attention.createKVCache({ heads: 1, depth: 2, ...options });
  return cache;
};
const worked = (attention, cache) => {
  cache.append(KEY_2, VALUE_2);
  return attention.attend(QUERY_2, cache).output.data;
};
const again = async () => work(await createAttention());

/** A module in which the function that attends traps. */
function trapping() {
  const module = binaryen.readBinary(wasmBytes('scalar'));
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const info = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    if (info.module || !/\(loop[\s\S]*f32\.mul/.test(binaryen.emitText(info.body))) continue;
    module.removeFunction(info.name);
    module.addFunction(info.name, info.params, info.results, [], module.unreachable());
  }
  return module.emitBinary();
}

const SCALED = new Map([['scale', 2]]);
const INHERITED = Object.create({ scale: 2 });

const long = { data: new Float32Array(70_000), shape: [70_000, 1] };

export const CASES = [
  {
    name: 'an argument too many',
    given: ({ attention }) => attention.attend(QUERY_2, KEY_2, VALUE_2, {}, 'more'),
    ways: {
      'left out': ({ attention }) => attention.attend(QUERY_2, KEY_2, VALUE_2, {}).output.data,
    },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a cache of another copy of the package',
    given: async ({ attention }) => worked(attention, cacheOf(await createInline())),
    ways: {
      'everything from the same place': async () => {
        const attention = await createInline();
        return worked(attention, cacheOf(attention));
      },
    },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'options that are a Map',
    given: (setting) => attend(setting, SCALED),
    ways: {
      converted: (setting, error) => attend(setting, codeIn(error, { options: SCALED })[0]),
    },
    expected: reference({ scale: 2 }),
  },
  {
    name: 'options that inherit',
    given: (setting) => attend(setting, INHERITED),
    ways: {
      'a literal': (setting, error) => attend(setting, codeIn(error, { options: INHERITED })[0]),
    },
    expected: reference({ scale: 2 }),
  },
  {
    name: 'an instance that was disposed of',
    given: async () => {
      const attention = await createAttention();
      attention.dispose();
      return work(attention);
    },
    ways: { 'another one': again },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'an instance that an option disposes of',
    given: async () => {
      const attention = await createAttention();
      attention.createKVCache({
        heads: 1,
        get depth() {
          attention.dispose();
          return 2;
        },
        capacity: 1,
      });
    },
    ways: { 'another one': again },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a trap',
    given: async () => work(await createAttention({ wasm: trapping() })),
    ways: { 'another instance': again },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a tensor that was disposed of',
    given: ({ attention }) => {
      const query = attention.tensor([1, 2], [3, 4]);
      query.dispose();
      return attention.attend(query, KEY_2, VALUE_2);
    },
    ways: {
      'kept until the call': ({ attention }) => {
        const query = attention.tensor([1, 2], [3, 4]);
        const { data } = attention.attend(query, KEY_2, VALUE_2).output;
        query.dispose();
        return data;
      },
    },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a cache of another instance',
    given: async ({ attention }) => {
      const other = await createAttention();
      return worked(attention, cacheOf(other));
    },
    ways: { 'its own': ({ attention }) => worked(attention, cacheOf(attention)) },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a cache that was disposed of',
    given: ({ attention }) => {
      const cache = cacheOf(attention);
      cache.dispose();
      return worked(attention, cache);
    },
    ways: { 'another one': ({ attention }) => worked(attention, cacheOf(attention)) },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a fixed cache without capacity',
    given: ({ attention }) => cacheOf(attention, { fixed: true }),
    ways: {
      capacity: ({ attention }) =>
        worked(attention, cacheOf(attention, { fixed: true, capacity: 2 })),
      'not fixed': ({ attention }) => worked(attention, cacheOf(attention)),
    },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a fixed cache that is full',
    given: ({ attention }) => worked(attention, cacheOf(attention, { fixed: true, capacity: 1 })),
    ways: {
      'truncated before': ({ attention }) => {
        const cache = cacheOf(attention, { fixed: true, capacity: 2 });
        cache.append([[9, 9]], [[9, 9]]);
        cache.truncate(0);
        return worked(attention, cache);
      },
      'more capacity': ({ attention }) =>
        worked(attention, cacheOf(attention, { fixed: true, capacity: 2 })),
      'not fixed': ({ attention }) => worked(attention, cacheOf(attention, { capacity: 1 })),
    },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'parts without logSumExp',
    given: ({ attention }) => attention.merge([attention.attend(QUERY, KEY, VALUE)]),
    ways: {
      captured: ({ attention }) =>
        attention.merge([attention.attend(QUERY, KEY, VALUE, { capture: ['logSumExp'] })]).output
          .data,
    },
    expected: PLAIN,
  },
  {
    name: 'an output over an input',
    given: ({ attention }) => attention.attend(QUERY, KEY, VALUE, { out: QUERY.data }),
    ways: {
      'its own array': ({ attention }) =>
        attention.attend(QUERY, KEY, VALUE, { out: new Float32Array(PLAIN.length) }).output.data,
    },
    expected: PLAIN,
  },
  {
    name: 'rotation of an odd depth',
    given: ({ attention }) => attention.rotaryEmbedding([[1, 2, 3]], { positions: 5 }),
    ways: {
      'an even rotaryDim': ({ attention }) =>
        attention.rotaryEmbedding([[1, 2, 3]], { positions: 5, rotaryDim: 2 }).data,
    },
    expected: rotaryReference({ data: [1, 2, 3], shape: [1, 3] }, { positions: 5, rotaryDim: 2 })
      .data,
  },
  {
    name: 'more than 2³¹ weights',
    given: ({ attention }) => attention.attend(long, long, long, { capture: ['weights'] }),
    ways: {
      'split by queries, the first part': ({ attention }) =>
        attention
          .attend({ data: long.data.subarray(0, 2), shape: [2, 1] }, long, long, {
            capture: ['weights'],
          })
          .weights.data.subarray(0, 100),
    },
    expected: new Array(100).fill(1 / 70_000),
  },
];
