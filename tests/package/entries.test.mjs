// The other entries of the package: qkv/inline, the classic script, and the one for Cloudflare Workers.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from '@playwright/test';
import { CHROMIUM } from '../browser/chromium.mjs';
import { DIST, EMPTY_PAGE, policyWith, serve } from '../server.mjs';
import { RUNNABLE, VARIANTS } from './variants.mjs';

// semantics.md: 8.985929298, 9.985929298. `compute` also runs in pages, so it brings all it needs.
const NUMBERS = ['8.98593', '9.98593'];
async function compute({ createAttention }, variant) {
  const attention = await createAttention({ variant });
  const matrices = [[[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]]; // biome-ignore format: as written
  const { data } = attention.attend(...matrices).output;
  return [attention.info.variant, ...Array.from(data, (number) => number.toFixed(5))];
}

let browser;
let folder;
before(async () => {
  browser = await chromium.launch(CHROMIUM);
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'qkv-entries-')));
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

async function pageAt(url, context) {
  const page = await browser.newPage();
  context.after(() => page.close());
  await page.goto(url);
  await page.evaluate(`globalThis.compute = ${compute}`);
  return page;
}

test('qkv/inline is one file without imports', async () => {
  const alone = join(folder, 'alone.mjs');
  copyFileSync(join(DIST, 'inline.js'), alone);
  const inline = await import(pathToFileURL(alone));
  for (const variant of RUNNABLE)
    assert.deepEqual(await compute(inline, variant), [variant, ...NUMBERS]);
});

test('qkv/inline works under a policy without connections', async (context) => {
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
  const headers = { 'content-security-policy': policy };
  const server = await serve(DIST, { headers, files: { '/': EMPTY_PAGE } });
  context.after(() => server.close());
  const page = await pageAt(server.origin, context);
  for (const variant of VARIANTS) {
    const run = async (name) => globalThis.compute(await import('/inline.js'), name);
    assert.deepEqual(await page.evaluate(run, variant), [variant, ...NUMBERS]);
  }
  assert.deepEqual(server.requests, ['/', '/inline.js']);
});

test('a page without a server loads the classic script from its folder', async (context) => {
  copyFileSync(join(DIST, 'qkv.iife.js'), join(folder, 'qkv.iife.js'));
  const html = '<!doctype html><meta charset="windows-1252"><script src="qkv.iife.js"></script>';
  writeFileSync(join(folder, 'index.html'), html);
  const page = await pageAt(pathToFileURL(join(folder, 'index.html')).href, context);
  const run = (name) => globalThis.compute(globalThis.qkv, name);
  for (const variant of VARIANTS)
    assert.deepEqual(await page.evaluate(run, variant), [variant, ...NUMBERS]);
  assert.deepEqual(
    await page.evaluate(() => Object.keys(globalThis.qkv).sort()),
    Object.keys(await import('qkv')).sort(),
  );
});

test('a classic worker loads the classic script', async (context) => {
  const worker = `importScripts('/qkv.iife.js');
      ${compute}
      compute(qkv, 'auto').then(postMessage, ({ message }) => postMessage(message));`;
  const files = { '/': EMPTY_PAGE, '/worker.js': worker };
  const server = await serve(DIST, { headers: policyWith(), files });
  context.after(() => server.close());
  const page = await pageAt(server.origin, context);
  const answered = await page.evaluate(
    () =>
      new Promise((resolve) => {
        new Worker('/worker.js').onmessage = ({ data }) => resolve(data);
      }),
  );
  assert.deepEqual(answered.slice(1), NUMBERS);
  assert.deepEqual(server.requests, ['/', '/worker.js', '/qkv.iife.js']);
});

test('the condition `workerd` resolves to modules that the host compiles', () => {
  const script = "console.log(import.meta.resolve('qkv'), import.meta.resolve('qkv/inline'))";
  const args = ['--conditions=workerd', '--input-type=module', '--eval', script];
  const printed = execFileSync(process.execPath, args, { cwd: DIST, encoding: 'utf8' });
  const { href } = pathToFileURL(join(DIST, 'workerd.js'));
  assert.equal(printed.trim(), `${href} ${href}`);

  const text = readFileSync(join(DIST, 'workerd.js'), 'utf8');
  const imported = Array.from(text.matchAll(/\bfrom\s*"([^"]+)"/g), ([, name]) => name);
  assert.deepEqual(imported.sort(), VARIANTS.map((variant) => `./qkv.${variant}.wasm`).sort());
  for (const name of imported) assert.ok(existsSync(join(DIST, name)), name);
  assert.ok(!text.includes('import.meta'), 'Workers have no address');
});

test('nothing is fetched, compiled or started on import', () => {
  const script = `
    const used = [];
    const watched = ['WebAssembly', 'fetch', 'Worker', 'XMLHttpRequest', 'navigator', 'window',
      'document', 'self', 'location', 'localStorage'];
    for (const name of watched)
      Object.defineProperty(globalThis, name, { get: () => void used.push(name), configurable: true });
    const { default: fs } = await import('node:fs');
    const { readFile } = fs.promises;
    fs.promises.readFile = (path, ...options) => {
      if (String(path).endsWith('.wasm')) used.push(String(path));
      return readFile(path, ...options);
    };
    const names = [];
    for (const entry of ${JSON.stringify(entries())})
      names.push(...Object.keys(await import(entry)));
    console.log(JSON.stringify({ used, names }));`;
  const args = ['--input-type=module', '--eval', script];
  const { used, names } = JSON.parse(execFileSync(process.execPath, args, { cwd: DIST }));
  assert.deepEqual(used, []);
  assert.ok(names.includes('createAttention'));
});

/** What may be imported: 'qkv', 'qkv/inline' … */
function entries() {
  const manifest = JSON.parse(readFileSync(join(DIST, '../package.json'), 'utf8'));
  const isModule = (path) => manifest.exports[path].default?.endsWith('.js');
  return Object.keys(manifest.exports)
    .filter(isModule)
    .map((path) => `qkv${path.slice(1)}`);
}

test('require() loads it where Node supports that', {
  skip: !process.features.require_module,
}, () => {
  const script = "console.log(Object.keys(require('qkv')).sort().join())";
  const args = ['--input-type=commonjs', '--eval', script];
  const printed = execFileSync(process.execPath, args, { cwd: DIST, encoding: 'utf8' });
  assert.equal(printed.trim(), 'QkvError,alibiSlopes,createAttention');
});
