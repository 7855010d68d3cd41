// README's first screen in a fresh Vite app: its commands, and its lines as the app's main.js.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { createServer } from 'vite';
import { CHROMIUM } from '../browser/chromium.mjs';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const README = readFileSync(join(PROJECT, 'README.md'), 'utf8');
const FIRST_SCREEN = README.split('\n').slice(0, 45).join('\n');

let folder;
before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'qkv-readme-')));
});
after(() => rmSync(folder, { recursive: true }));

/** What each command is here: the same program, from where it is installed; the package, as packed. */
function runCommands(commands) {
  const app = join(folder, 'app');
  const local = {
    'npm create vite@latest app -- --template vanilla': () => {
      const script = join(PROJECT, 'node_modules/create-vite/index.js');
      const args = [script, 'app', '--template', 'vanilla', '--no-interactive'];
      execFileSync(process.execPath, args, { cwd: folder });
    },
    // Vite itself is run from here.
    'cd app && npm install qkv': () => {
      const pack = ['pack', '--workspace', 'bindings', '--json', '--ignore-scripts'];
      const [{ filename }] = JSON.parse(npm([...pack, '--pack-destination', folder], PROJECT));
      const omitVite = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'];
      npm(['install', ...omitVite, join(folder, filename)], app);
    },
  };
  for (const command of commands) {
    assert.ok(command in local, `README has a command that this test does not know: ${command}`);
    local[command]();
  }
  return app;
}

/** npm, untouched by the one that may run these tests. */
function npm(args, cwd) {
  const env = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    env: Object.fromEntries(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('a new Vite app with README’s lines shows README’s numbers', {
  timeout: 120_000,
}, async () => {
  const [, commands] = /\n\n((?: {4}npm create vite.*\n)(?: {4}.*\n)+)/.exec(FIRST_SCREEN);
  const [, lines] = /```js\n([\s\S]*?)```/.exec(FIRST_SCREEN);
  const [run, ...before] = commands.trim().split(/\n +/).reverse();
  assert.equal(run, 'npm run dev');
  const app = runCommands(before.reverse());
  writeFileSync(join(app, 'src/main.js'), lines);

  const server = await createServer({
    root: app,
    logLevel: 'error',
    server: { host: '127.0.0.1' },
  });
  const browser = await chromium.launch(CHROMIUM);
  try {
    await server.listen();
    const page = await browser.newPage();
    const printed = [];
    page.on('pageerror', (error) => printed.push(error.message));
    page.on('console', async (message) => {
      if (message.type() === 'debug') return; // Vite's own
      const [data] = message.args();
      const numbers = data && (await data.evaluate((array) => Array.from(array, Number)));
      printed.push(numbers?.map((x) => x.toFixed(7)).join(', ') ?? message.text());
    });
    await page.goto(server.resolvedUrls.local[0]);
    const promised = Array.from(lines.matchAll(/\/\/ → (.*)/g), ([, numbers]) => numbers);
    assert.equal(promised.length, 2);
    const deadline = performance.now() + 60_000;
    while (printed.length < promised.length && performance.now() < deadline)
      await page.waitForTimeout(50);
    assert.deepEqual(printed, promised);
  } finally {
    await browser.close();
    await server.close();
  }
});
