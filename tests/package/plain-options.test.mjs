// What is no own property of a plain object cannot be an option: it is refused, never ignored.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import vm from 'node:vm';
import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { assertExplained, assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

const Q = [[3, 4], [1, 2]]; // biome-ignore format: a matrix
const K = [[1, 2], [2, 3]]; // biome-ignore format: a matrix
const V = [[7, 8], [9, 10]]; // biome-ignore format: a matrix

class Accessors {
  get isCausal() {
    return true;
  }
}
class Fields {
  isCausal = true;
}
class Both extends Accessors {
  scale = 1;
}

// [name, the options, what its own advice makes of them]
const LITERAL = (options) => ({ isCausal: options.isCausal });
const NOT_PLAIN = [
  ['options with accessors on a class', new Accessors(), LITERAL],
  ['fields of a class', new Fields(), LITERAL],
  ['both', new Both(), (options) => ({ scale: options.scale, isCausal: options.isCausal })],
  ['Object.create({isCausal: true})', Object.create({ isCausal: true }), LITERAL],
  [
    'inherited from an object without a prototype',
    Object.create(Object.assign(Object.create(null), { isCausal: true })),
    LITERAL,
  ],
  ['a Map', new Map([['isCausal', true]]), (options) => Object.fromEntries(options)],
  ['an array', Object.assign([], { isCausal: true }), LITERAL],
  [
    'a class instance of another realm',
    vm.runInNewContext('new (class { isCausal = true })()'),
    LITERAL,
  ],
];

forEachVariant('silently ignored options', (engine) => {
  const causal = () => engine.attention.attend(Q, K, V, { isCausal: true }).output.data;

  for (const [name, options, advised] of NOT_PLAIN)
    test(`${name}: refused, and the advice gives the right result`, () => {
      const { attention } = engine;
      for (const call of [
        () => attention.attend(Q, K, V, options),
        () => attention.trace(Q, K, V, options),
        () => attention.merge([], options),
        () => attention.rotaryEmbedding(Q, options),
        () => attention.createKVCache(options),
      ])
        assertRefused(attention, call, { code: 'ERR_TYPE', argument: 'options', says: /plain/ });
      assert.throws(
        () => attention.attend(Q, K, V, options),
        ({ fix }) => {
          assert.match(
            fix,
            options instanceof Map
              ? /Object\.fromEntries\(options\)/
              : /isCausal: options\.isCausal/,
          );
          return true;
        },
      );
      const { data } = attention.attend(Q, K, V, { ...advised(options), scale: undefined }).output;
      assert.deepEqual(data, causal());
    });

  const plain = { isCausal: true };
  const hidden = Object.defineProperty({}, 'isCausal', { value: true });
  const marked = Object.defineProperty({ isCausal: true }, '__v_skip', { value: true });
  const PLAIN = {
    'a literal': plain,
    frozen: Object.freeze({ isCausal: true }),
    'without a prototype': Object.assign(Object.create(null), plain),
    'of another realm': vm.runInNewContext('({ isCausal: true })'),
    'a proxy of a literal': new Proxy(plain, {}),
    'a namespace of exports': undefined,
    'an accessor of its own': { get isCausal() { return true; } }, // biome-ignore format: short
    'a property that is not enumerable': hidden,
    "a framework's hidden mark beside it": marked,
  };
  for (const [name, given] of Object.entries(PLAIN))
    test(`${name} is plain`, async () => {
      const options = given ?? (await import('data:text/javascript,export const isCausal = true'));
      assert.deepEqual(engine.attention.attend(Q, K, V, options).output.data, causal());
    });

  test('an option whose name is a symbol is refused', () => {
    const options = { [Symbol('isCausal')]: true };
    const expected = { code: 'ERR_OPTION', argument: 'options.Symbol(isCausal)' };
    assertRefused(engine.attention, () => engine.attention.attend(Q, K, V, options), expected);
  });

  test('window: a Map, and bounds that are inherited', () => {
    for (const [window, fix] of [
      [new Map([['left', 0]]), /Object\.fromEntries\(window\)/],
      [Object.create({ left: 0 }), /\{ left: window\.left \}/],
    ]) {
      const expected = { code: 'ERR_TYPE', argument: 'window', says: fix };
      assertRefused(engine.attention, () => engine.attention.attend(Q, K, V, { window }), expected);
    }
  });
});

describe('silently ignored options of creating', () => {
  const explained = (error) => assertExplained(error, { code: 'ERR_TYPE', argument: 'options' });

  test('createAttention and createAttentionPool refuse a Map and inherited options', async () => {
    for (const options of [new Map([['variant', 'simd']]), Object.create({ variant: 'simd' })])
      for (const create of [createAttention, createAttentionPool])
        await assert.rejects(create(options), explained);
  });

  test('pool.attend refuses them', async () => {
    const pool = await createAttentionPool({ workers: 1 });
    for (const [, options] of NOT_PLAIN)
      await assert.rejects(pool.attend(Q, K, V, options), explained);
    const other = vm.runInNewContext('({ isCausal: true, onProgress: () => {} })');
    const { data } = (await pool.attend(Q, K, V, other)).output;
    assert.deepEqual([...data.slice(0, 1)].map(Math.round), [7]);
    pool.dispose();
  });
});
