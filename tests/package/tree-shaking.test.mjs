// Bundles hold only the imported parts: `sideEffects: false` is true.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';
import { rollup } from 'rollup';
import { DIST } from '../server.mjs';

const ENTRY = join(DIST, '../entry.js');
/** For Rollup and rolldown: an entry of that text, which stands where the package is found. */
const entryOf = (text) => ({
  name: 'entry',
  resolveId: (source) => (source === ENTRY ? ENTRY : undefined),
  load: (id) => (id === ENTRY ? text : undefined),
});
const codeOf = ({ output }) => output.map(({ code }) => code ?? '').join('');

const BUNDLERS = {
  async esbuild(text) {
    const { outputFiles } = await build({
      stdin: { contents: text, resolveDir: DIST },
      ...{ bundle: true, write: false, format: 'esm', target: 'es2022', logLevel: 'silent' },
    });
    return outputFiles[0].text;
  },
  async Rollup(text) {
    const bundle = await rollup({
      input: ENTRY,
      plugins: [entryOf(text), nodeResolve()],
      logLevel: 'silent',
    });
    return codeOf(await bundle.generate({ format: 'es' }));
  },
  async rolldown(text) {
    const bundle = await rolldown({ input: ENTRY, plugins: [entryOf(text)], logLevel: 'silent' });
    return codeOf(await bundle.generate({ format: 'es' }));
  },
};
const LOADER = /WebAssembly|\.wasm\b|FinalizationRegistry/;

for (const [name, bundle] of Object.entries(BUNDLERS)) {
  test(`${name}: importing QkvError alone does not bundle the loader`, async () => {
    const code = await bundle("import { QkvError } from 'qkv'; console.log(QkvError);");
    assert.match(code, /extends Error/);
    assert.ok(!LOADER.test(code), LOADER.exec(code)?.[0]);
    assert.ok(code.length < 3000, `${code.length} characters`);
  });

  test(`${name}: an import without names leaves an empty bundle`, async () => {
    const code = await bundle("import 'qkv';");
    assert.doesNotMatch(code, /class|function|=>/);
  });

  test(`${name}: createAttention bundles the loader`, async () => {
    const code = await bundle("import { createAttention } from 'qkv'; createAttention();");
    assert.match(code, LOADER);
  });
}
