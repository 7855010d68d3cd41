// Bundles that are no ES modules, where esbuild leaves import.meta empty: they work, or name the entry that does.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import vm from 'node:vm';
import { build } from 'esbuild';
import { DIST } from '../server.mjs';

const require = createRequire(import.meta.url);
const FORMATS = { cjs: inCommonJS, iife: inClassicScript };
const INLINE = /createAttention\(\) of 'qkv\/inline'/;

/** What `exports` of the bundle of `text` are. */
async function bundled(text, format) {
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: DIST },
    ...{ bundle: true, write: false, logLevel: 'silent', globalName: 'exports', format },
  });
  return FORMATS[format](outputFiles[0].text);
}

/** `require` of the bundle finds nothing: it must be one file. */
function inCommonJS(code) {
  const module = { exports: {} };
  const run = new Function('module', 'exports', 'require', '__filename', '__dirname', code);
  run(module, module.exports, undefined, '/bundle.cjs', '/');
  return module.exports;
}

function inClassicScript(code) {
  return vm.runInThisContext(`${code}; exports`);
}

for (const format of Object.keys(FORMATS))
  describe(format, () => {
    test('qkv/inline works', async () => {
      const { createAttention } = await bundled("export * from 'qkv/inline';", format);
      const attention = await createAttention();
      const { data } = attention.attend([[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]).output; // biome-ignore format: matrices
      assert.deepEqual(
        Array.from(data, (x) => x.toFixed(5)),
        ['8.98593', '9.98593'],
      );
    });

    test('qkv says that it has no address, and works with given bytes', async () => {
      const { createAttention, QkvError } = await bundled("export * from 'qkv';", format);
      await assert.rejects(createAttention(), (error) => {
        assert.ok(error instanceof QkvError, error.stack);
        assert.equal(error.code, 'ERR_WASM_NOT_FOUND');
        assert.match(error.message, INLINE);
        return true;
      });
      const { wasmBytes } = await import('./wasm-file.mjs');
      const attention = await createAttention({ wasm: wasmBytes('simd') });
      assert.equal(attention.info.variant, 'simd');
    });

    test('qkv/pool says that it has no address', async () => {
      const { createAttentionPool } = await bundled("export * from 'qkv/pool';", format);
      await assert.rejects(createAttentionPool(), (error) => {
        assert.equal(error.name, 'QkvError', error.stack);
        assert.equal(error.code, 'ERR_UNSUPPORTED');
        assert.match(error.message, INLINE);
        return true;
      });
    });
  });

describe('require()', () => {
  test('has what import has', async () => {
    for (const entry of ['qkv', 'qkv/inline', 'qkv/pool', 'qkv/doctor']) {
      const imported = Object.keys(await import(entry)).sort();
      assert.deepEqual(Object.keys(require(entry)).sort(), imported, entry);
    }
  });

  test('the entries share their errors', async () => {
    const { QkvError } = require('qkv');
    const { createAttentionPool } = require('qkv/pool');
    await assert.rejects(createAttentionPool({ workers: 0 }), QkvError);
    assert.equal(require('qkv/inline').QkvError, QkvError);
  });

  test('a pool finds the script of its workers', async () => {
    const pool = await require('qkv/pool').createAttentionPool({ workers: 1 });
    const { data } = (await pool.attend([[3, 4]], [[1, 2]], [[7, 8]])).output;
    pool.dispose();
    assert.deepEqual([...data], [7, 8]);
  });
});
