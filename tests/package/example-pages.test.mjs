// The examples that are pages, in Chromium: served as files, or built by Vite as their README says.

import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { CHROMIUM } from '../browser/chromium.mjs';
import { attendReference } from '../reference/attention.mjs';
import { policyWith, serve } from '../server.mjs';
import { assertClose } from './closeness.mjs';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

let browser;
let folder;
before(async () => {
  browser = await chromium.launch(CHROMIUM);
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'qkv-example-pages-')));
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** Opens a page of `root`, hands it to `look`, and sees that nothing was complained of or fetched elsewhere. */
async function visit(root, path, options, look) {
  const server = await serve(root, { headers: policyWith(), ...options });
  const page = await browser.newPage();
  try {
    const complaints = [];
    const fetched = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('request', (request) => fetched.push(request.url()));
    await page.goto(`${server.url}${path}`);
    await look(page);
    assert.deepEqual(complaints, []);
    const isOurs = (url) => url.startsWith(server.url) || url.startsWith('data:');
    assert.ok(fetched.every(isOurs), `${fetched}`);
    const wasm = fetched.filter((url) => url.endsWith('.wasm'));
    assert.equal(wasm.length, 1, `one variant is fetched: ${wasm}`);
  } finally {
    await page.close();
    await server.close();
  }
}

async function statusOf(page, text) {
  const status = page.locator('[role=status]').filter({ hasText: text });
  await status.waitFor({ timeout: 60_000 });
  return status.textContent();
}

async function buildExample(name) {
  const outDir = join(folder, name);
  await build({ root: join(PROJECT, 'examples', name), build: { outDir }, logLevel: 'error' });
  return outDir;
}

test('02-plain-page', { timeout: 60_000 }, async () => {
  // Its import map is inline.
  const headers = { 'content-security-policy': "connect-src 'self'" };
  await visit(PROJECT, 'examples/02-plain-page/', { headers }, async (page) => {
    const lines = (await statusOf(page, 'weights')).split('\n');
    assert.deepEqual(lines.slice(0, 2), ['weights 0.007035 0.992965', 'output  8.9859 9.9859']);
    assert.match(lines[2], /variant '(relaxed|simd|scalar)'/);
  });
});

test('03-vite-app', { timeout: 60_000 }, async () => {
  // The table has colours of its own.
  const headers = {
    'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
  };
  await visit(await buildExample('03-vite-app'), '', { headers }, async (page) => {
    assert.match(await statusOf(page, 'Computed'), /variant '(relaxed|simd|scalar)'/);
    const shown = (await page.locator('td').allTextContents()).map(Number);
    const rows = { data: [1, 0, 0, 1, 1, 1, 2, -1], shape: [4, 2] };
    const { weights } = attendReference(rows, rows, rows, { isCausal: true });
    assertClose(shown, weights.data, { absolute: 0.0005, relative: 1e-6 });
  });
});

test('04-worker', { timeout: 120_000 }, async () => {
  await visit(await buildExample('04-worker'), '', {}, async (page) => {
    await page.getByRole('button').click();
    assert.equal(await statusOf(page, 'output'), 'output [8, 2000, 64]');
    const frames = Number(await page.locator('output').textContent());
    assert.ok(frames > 0, 'the page drew nothing while the worker computed');
  });
});
