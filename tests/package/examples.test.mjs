// Each example does what it says: run as a reader would run it, its numbers compared.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CHROMIUM } from '../browser/chromium.mjs';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = join(PROJECT, 'examples');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

// semantics.md: 0.007035351, 0.992964649 and 8.985929298, 9.985929298.
const NUMBERS = ['weights 0.007035 0.992965', 'output  8.9859 9.9859'];

test('each example is run by a test, and begins by saying what it adds', () => {
  const names = readdirSync(EXAMPLES).filter((name) => /\.(mjs|html)$/.test(name));
  assert.deepEqual(names.sort(), [
    '01-worked-example.mjs',
    '02-plain-page.html',
    '04-split-sequence.mjs', // 03 is C++, run by ctest
    '05-pool-of-workers.mjs',
  ]);
  for (const name of names)
    assert.match(
      readFileSync(join(EXAMPLES, name), 'utf8'),
      /^(\/\/ [A-Z]|<!doctype html>\n<!--\n +Adds)/,
    );
});

test('01-worked-example.mjs', () => {
  const path = join(EXAMPLES, '01-worked-example.mjs');
  const printed = execFileSync(process.execPath, [path], { encoding: 'utf8' });
  assert.deepEqual(printed.trimEnd().split('\n'), NUMBERS);
});

test('04-split-sequence.mjs', () => {
  const path = join(EXAMPLES, '04-split-sequence.mjs');
  const printed = execFileSync(process.execPath, [path], { encoding: 'utf8' });
  assert.match(printed, /^4 workers, 1000 keys: merged and whole differ by \S+\nequal\n$/);
});

test('05-pool-of-workers.mjs', () => {
  const path = join(EXAMPLES, '05-pool-of-workers.mjs');
  const printed = execFileSync(process.execPath, [path], { encoding: 'utf8' });
  assert.match(
    printed,
    /^2 workers: all of \d+ blocks done\nthe bits of one thread\nERR_ABORTED\n$/,
  );
});

let server;
before(async () => {
  server = createServer((request, response) => {
    const path = join(PROJECT, new URL(request.url, 'http://localhost').pathname);
    if (!existsSync(path)) return response.writeHead(404).end();
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    return response.writeHead(200, { 'content-type': type }).end(readFileSync(path));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => server.close());

test('02-plain-page.html, in Chromium', { timeout: 60_000 }, async () => {
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch(CHROMIUM);
  try {
    const page = await browser.newPage();
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => complaints.push(message.text()));
    const origin = `http://127.0.0.1:${server.address().port}`;
    const fetched = [];
    await page.route('**', (route) => {
      const url = route.request().url();
      fetched.push(url);
      return url.startsWith(origin) ? route.continue() : route.abort();
    });
    await page.goto(`${origin}/examples/02-plain-page.html`);
    const status = page.locator('[role=status]');
    await status.filter({ hasNotText: 'Loading' }).waitFor();
    const lines = (await status.textContent()).split('\n');
    assert.deepEqual(lines.slice(0, 2), NUMBERS);
    assert.match(lines[2], /variant '(relaxed|simd|scalar)'/);
    assert.deepEqual(complaints, []);
    assert.deepEqual(
      fetched.filter((url) => !url.startsWith(origin)),
      [],
      'other origins',
    );
    const wasm = fetched.filter((url) => url.endsWith('.wasm'));
    assert.equal(wasm.length, 1, `one variant is fetched: ${wasm}`);
  } finally {
    await browser.close();
    server.closeAllConnections();
  }
});
