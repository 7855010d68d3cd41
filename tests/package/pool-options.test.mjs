// The pool forgets no option: each option of AttentionOptions, by itself, gives what attend() gives. The list
// comes from the package's types, so a new option without a row here fails.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import ts from 'typescript';
import { random } from '../random/numbers.mjs';
import { inputsOf } from '../random/problem.mjs';
import { assertClose, assertSameBits, WITH_OPTIONS } from './closeness.mjs';
import { RUNNABLE } from './variants.mjs';

const [BATCH, HEADS] = [2, 4];

/** A value of each option that changes the result in every share, and differs between shares where it can. */
const VALUES = {
  scale: () => 0.4,
  isCausal: () => true,
  queryOffset: ({ keys }) => [keys - 90, 7],
  window: () => ({ left: 40, right: 30 }),
  mask: ({ queries, keys }, next) => ({
    data: Uint8Array.from({ length: BATCH * HEADS * queries * keys }, () => next() % 3),
    shape: [BATCH, HEADS, queries, keys],
  }),
  bias: ({ queries, keys }, next) => ({
    data: Float32Array.from({ length: BATCH * HEADS * queries * keys }, () => next() / 2 ** 30),
    shape: [BATCH, HEADS, queries, keys],
  }),
  alibiSlopes: () => [0.5, 0.125, 0.03, 0.01],
  softcap: () => 0.7,
  sinks: () => [9, 8, 10, 7],
  keyLengths: ({ keys }) => [keys - 1, keys >> 1],
  layout: () => 'blhd',
  capture: () => ['logSumExp'],
  out: ({ queries, valueDepth }) => new Float32Array(BATCH * HEADS * queries * valueDepth),
};
/** Options without which another has no meaning. */
const BESIDE = { queryOffset: { isCausal: true } };

function namesInTypes() {
  const file = new URL('../../bindings/src/types.ts', import.meta.url);
  const source = ts.createSourceFile(
    'types.ts',
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
  );
  const declared = source.statements.find(
    (node) => ts.isInterfaceDeclaration(node) && node.name.text === 'AttentionOptions',
  );
  return declared.members.map((member) => member.name.text);
}

test('every option has a value here', () => {
  assert.deepEqual(Object.keys(VALUES).sort(), namesInTypes().sort());
});

// Many queries are split by batch, heads and queries; 'relaxed' splits the keys of few queries.
const PROBLEMS = {
  'many queries': { queries: 300, keys: 256, depth: 32, valueDepth: 48, variant: 'simd' },
  'few queries': { queries: 24, keys: 8192, depth: 64, valueDepth: 48, variant: 'relaxed' },
};

for (const [title, { variant, ...sizes }] of Object.entries(PROBLEMS)) {
  describe(`${title}, ${variant}`, { skip: !RUNNABLE.includes(variant) }, () => {
    let attention;
    let pool;
    let inputs;
    before(async () => {
      const shape = { rank: 4, batch: BATCH, keyHeads: 2, group: 2 };
      inputs = Object.values(inputsOf({ seed: 31, ...shape, ...sizes }));
      attention = await createAttention({ variant });
      pool = await createAttentionPool({ variant, workers: 3 });
    });
    after(() => {
      attention.dispose();
      pool.dispose();
    });

    for (const name of Object.keys(VALUES)) {
      test(name, async () => {
        const options = { ...BESIDE[name], [name]: VALUES[name](sizes, random(32)) };
        // The same numbers as [B, L, H, D]: another problem.
        const given = inputs.map(({ data, shape: [b, h, l, d] }) => ({
          data,
          shape: name === 'layout' ? [b, l, h, d] : [b, h, l, d],
        }));
        const expected = attention.attend(...given, { ...options, out: undefined });
        const without = attention.attend(...inputs, BESIDE[name]);
        let shares = 0;
        const onProgress = (_, total) => {
          shares = total;
        };
        const actual = await pool.attend(...given, { ...options, onProgress });
        assert.ok(shares > 2, `${shares} shares`);
        assert.deepEqual(Object.keys(actual), Object.keys(expected));
        for (const what of Object.keys(expected)) {
          assert.deepEqual([...actual[what].shape], [...expected[what].shape], what);
          if (variant === 'simd') assertSameBits(actual[what].data, expected[what].data, what);
          else assertClose(actual[what].data, expected[what].data, WITH_OPTIONS, what);
        }
        if (name === 'out') assert.equal(actual.output.data, options.out);
        else if (name === 'capture') assert.equal(Object.keys(without).length, 1);
        else assertOthersIn(expected.output.data, without.output.data, name);
      });
    }
  });
}

/** The option matters: the results differ in each quarter of the output. */
function assertOthersIn(data, without, name) {
  const quarter = data.length / 4;
  for (let from = 0; from < data.length; from += quarter) {
    const differs = data
      .subarray(from, from + quarter)
      .some((x, i) => Math.abs(x - without[from + i]) > 1e-3);
    assert.ok(differs, `${name} changes the output from ${from}`);
  }
}
