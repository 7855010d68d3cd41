// Each entry in hosts that lack something: it is imported, and then it works, or a QkvError names the entry that does.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PARTS, runIn } from './bare-host.mjs';

const ALONE = PARTS.map((part) => [part]);
const NOTHING = PARTS.filter((part) => part !== 'WebAssembly');

/** softmax([3 4]·[1 2; 2 3]ᵀ/√2)·[7 8; 9 10] */
const WORKED = { output: ['8.98593', '9.98593'] };
const INLINE = /createAttention\(\) of 'qkv\/inline'/;
const NO_ENGINE = { code: 'ERR_UNSUPPORTED', says: /the engine has no WebAssembly/ };
const NO_FILE = { code: 'ERR_WASM_NOT_FOUND', says: INLINE };
const NO_WORKER = { code: 'ERR_UNSUPPORTED', says: INLINE };
/** What an entry does not do without, beside WebAssembly. */
const ENTRIES = {
  'qkv/inline': { create: 'createAttention', refused: {} },
  qkv: {
    create: 'createAttention',
    refused: { 'import.meta.url': NO_FILE, URL: NO_FILE, process: NO_FILE },
  },
  'qkv/pool': {
    create: 'createAttentionPool',
    options: '{ workers: 1 }',
    refused: { 'import.meta.url': NO_WORKER, URL: NO_FILE, process: NO_WORKER },
  },
};

/** The worked example, as a module. */
const programOf = (entry) => `
  import { ${ENTRIES[entry].create} as create } from '${entry}';
  let result;
  try {
    const attention = await create(${ENTRIES[entry].options ?? ''});
    const { output } = await attention.attend([[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]);
    attention.dispose();
    result = { output: Array.from(output.data, (x) => x.toFixed(5)) };
  } catch ({ name, code, message }) {
    result = { name, code, message };
  }
  export default result;
`;

function assertRefused(result, { code, says }) {
  assert.equal(result.name, 'QkvError', JSON.stringify(result));
  assert.equal(result.code, code, result.message);
  assert.match(result.message, says);
}

for (const [entry, { refused }] of Object.entries(ENTRIES))
  describe(entry, () => {
    const results = runIn([...ALONE, NOTHING], programOf(entry));
    for (const [i, part] of PARTS.entries())
      test(`without ${part}`, () => {
        const expected = part === 'WebAssembly' ? NO_ENGINE : refused[part];
        if (expected) assertRefused(results[i], expected);
        else assert.deepEqual(results[i], WORKED);
      });

    test('with WebAssembly and nothing else', () => {
      const expected = refused['import.meta.url'];
      if (expected) assertRefused(results.at(-1), expected);
      else assert.deepEqual(results.at(-1), WORKED);
    });
  });

test('modules that the host compiled, as in workerd, and nothing else', () => {
  for (const entry of ['qkv', 'qkv/inline'])
    assert.deepEqual(runIn([NOTHING], programOf(entry), ['workerd']), [WORKED]);
});

test('bytes that are given as the option wasm, and nothing else', () => {
  const program = programOf('qkv').replace('create()', 'create({ wasm: simd })');
  const imported = `import simd from 'qkv/qkv.simd.wasm';`;
  assert.deepEqual(runIn([NOTHING], `${imported} ${program}`), [WORKED]);
});

test('qkv/doctor says what is missing', () => {
  const program = `
    import { doctor } from 'qkv/doctor';
    export default String(await doctor());
  `;
  const [bare, empty] = runIn([NOTHING, PARTS], program);
  assert.match(bare, /✗ loading: .*'qkv\/inline'/);
  assert.match(empty, /✗ WebAssembly: the engine has no WebAssembly/);
});
