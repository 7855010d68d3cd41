// 'simd' and 'scalar' compute the same bits in every engine: same-bits.json holds hashes of those of 'scalar'.
//
// The bits change only when the order of the core's operations changes. After an intended change:
//     QKV_WRITE_BITS=1 node --test tests/package/same-bits.test.mjs

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAttention } from 'qkv';
import { normals, random } from '../random/numbers.mjs';
import { inputsOf, sizesOf } from '../random/problem.mjs';
import { CAPTURES, plainRecipe } from '../random/recipe.mjs';
import { runs } from '../random/runs.mjs';
import { assertSameBits } from './closeness.mjs';
import { assertUnsupported, RUNNABLE } from './variants.mjs';

const STORED = new URL('same-bits.json', import.meta.url);

/** Options by name, for a geometry; made of `next` alone, so that every engine makes the same. */
const OPTIONS = {
  plain: () => ({}),
  causal: () => ({ isCausal: true, queryOffset: 'end' }),
  window: ({ batch }) => ({
    window: { left: 5, right: 1 },
    queryOffset: Array.from({ length: batch }, (_, b) => b - 1),
  }),
  mask: ({ keys }, next) => ({
    mask: { data: Uint8Array.from({ length: keys }, () => next() % 3), shape: [keys] },
  }),
  bias: ({ queries, keys }, next) => ({
    bias: {
      data: normals(next, queries * keys).map((x) => (next() % 4 === 0 ? -Infinity : x)),
      shape: [queries, keys],
    },
  }),
  alibi: ({ heads }) => ({ alibiSlopes: Array.from({ length: heads }, (_, h) => 2 ** -h) }),
  softcap: () => ({ softcap: 1.5, scale: 0.7 }),
  sinks: ({ heads }, next) => ({ sinks: normals(next, heads) }),
  lengths: ({ batch, keys }) => ({
    keyLengths: Array.from({ length: batch }, (_, b) => Math.floor(keys / (b + 1))),
  }),
};

function everything(attention, g, name) {
  const { query, key, value } = inputsOf(g);
  const options = OPTIONS[name]({ ...g, heads: g.keyHeads * g.group }, random(g.seed ^ 0x5bd1));
  const attended = attention.attend(query, key, value, { ...options, capture: CAPTURES });
  const uncaptured = attention.attend(query, key, value, options);
  return { ...attended, uncaptured: uncaptured.output };
}

// Sizes beside each boundary of the tiles.
const HASHED = [
  { rank: 2, batch: 1, keyHeads: 1, group: 1, queries: 1, keys: 2, depth: 2, valueDepth: 2 },
  { rank: 3, batch: 1, keyHeads: 2, group: 3, queries: 49, keys: 129, depth: 33, valueDepth: 31 },
  { rank: 4, batch: 3, keyHeads: 1, group: 2, queries: 17, keys: 257, depth: 64, valueDepth: 7 },
  { rank: 4, batch: 2, keyHeads: 3, group: 1, queries: 47, keys: 127, depth: 5, valueDepth: 64 },
  { rank: 3, batch: 1, keyHeads: 2, group: 1, queries: 1, keys: 1001, depth: 40, valueDepth: 100 },
  { rank: 3, batch: 1, keyHeads: 1, group: 2, queries: 2, keys: 603, depth: 24, valueDepth: 97 },
];

function hashes(attention) {
  const made = {};
  HASHED.forEach((g, index) => {
    for (const name of Object.keys(OPTIONS)) {
      const hash = createHash('sha256');
      const results = everything(attention, { ...g, seed: 100 + index }, name);
      for (const [what, { data }] of Object.entries(results)) {
        assert.ok(!data.some(Number.isNaN), `${what}: bits of NaN are not defined`);
        // Little-endian, as WebAssembly memory is, and every machine that runs Node.
        hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }
      made[`${g.queries}x${g.keys}x${g.depth}x${g.valueDepth} ${name}`] = hash
        .digest('hex')
        .slice(0, 16);
    }
  });
  return made;
}

test('scalar makes the stored bits', async () => {
  const scalar = await createAttention({ variant: 'scalar' });
  const made = hashes(scalar);
  if (process.env.QKV_WRITE_BITS) writeFileSync(STORED, `${JSON.stringify(made, null, 2)}\n`);
  assert.deepEqual(made, JSON.parse(readFileSync(STORED, 'utf8')));
  scalar.dispose();
});

test('simd makes the stored bits', async () => {
  const simd = await createAttention({ variant: 'simd' });
  assert.deepEqual(hashes(simd), JSON.parse(readFileSync(STORED, 'utf8')));
  simd.dispose();
});

test('deterministic picks a variant that makes them', async () => {
  const attention = await createAttention({ deterministic: true });
  assert.equal(attention.info.variant, 'simd');
  assert.deepEqual(hashes(attention), JSON.parse(readFileSync(STORED, 'utf8')));
  attention.dispose();
});

test('simd and scalar make the same bits of any shape and option', async () => {
  const [simd, scalar] = await Promise.all(
    ['simd', 'scalar'].map((variant) => createAttention({ variant })),
  );
  fc.assert(
    fc.property(plainRecipe(), fc.constantFrom(...Object.keys(OPTIONS)), (recipe, name) => {
      const g = sizesOf(recipe, 2 ** 23);
      const expected = everything(scalar, g, name);
      const actual = everything(simd, g, name);
      for (const what of Object.keys(expected))
        assertSameBits(actual[what].data, expected[what].data, what);
    }),
    runs(80),
  );
});

test('relaxed repeats its own bits', async () => {
  if (!RUNNABLE.includes('relaxed')) return assertUnsupported('relaxed');
  const instances = await Promise.all([1, 2].map(() => createAttention({ variant: 'relaxed' })));
  const [first, second] = instances.map(hashes);
  assert.deepEqual(first, second);
  assert.deepEqual(hashes(instances[0]), first);
});
