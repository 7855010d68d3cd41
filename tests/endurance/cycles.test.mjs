// 10,000 instances, one after the other. Each reserves gigabytes of addresses for its memory. An engine frees
// them when it collects garbage, and must do so before it runs out. Takes a minute or two.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { chromium } from '@playwright/test';
import puppeteer from 'puppeteer-core';
import { createAttention } from 'qkv';
import { CHROMIUM } from '../browser/chromium.mjs';
import { assertWorks } from '../package/refusal.mjs';
import { EMPTY_PAGE, PROJECT, serve } from '../server.mjs';

const CYCLES = 10_000;
const MIB = 2 ** 20;

describe('in Node', () => {
  for (const [name, end] of [
    ['disposed of', (attention) => attention.dispose()],
    ['forgotten', () => {}],
  ]) {
    test(`${CYCLES} instances, ${name}`, async (context) => {
      const wasm = readFileSync(new URL(import.meta.resolve('qkv/qkv.simd.wasm')));
      const run = async (cycles) => {
        for (let i = 0; i < cycles; i++) {
          const attention = await createAttention({ wasm });
          attention.tensor([1000]);
          assertWorks(attention);
          end(attention);
        }
        return process.memoryUsage.rss() / MIB;
      };
      const early = await run(CYCLES / 5);
      const late = await run(CYCLES - CYCLES / 5);
      context.diagnostic(`resident: ${early.toFixed()} MiB, then ${late.toFixed()} MiB`);
      // 10 KB kept by each would be 80 MiB.
      assert.ok(late < early + 40, `${late - early} MiB more`);
    });
  }
});

/** Runs in the page, which gets its source. Resolves to the result of the last instance. */
async function cycle(cycles) {
  const { createAttention } = await import('/bindings/dist/index.js');
  const response = await fetch('/bindings/dist/qkv.simd.wasm');
  const wasm = await WebAssembly.compile(await response.arrayBuffer());
  let last;
  for (let i = 0; i < cycles; i++) {
    const attention = await createAttention({ wasm });
    attention.tensor([1000]);
    last = [...attention.attend([[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]).output.data]; // biome-ignore format: matrices
    attention.dispose();
  }
  return last;
}

const BROWSERS = {
  Chromium: () => chromium.launch(CHROMIUM),
  Firefox: () =>
    puppeteer.launch({
      browser: 'firefox',
      executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
      headless: true,
      protocolTimeout: 600_000,
    }),
};

describe('in a page', () => {
  let server;
  before(async () => {
    server = await serve(PROJECT, { files: { '/': EMPTY_PAGE } });
  });
  after(() => server.close());

  for (const [name, launch] of Object.entries(BROWSERS)) {
    test(`${CYCLES} instances in ${name}`, async () => {
      const browser = await launch();
      try {
        const page = await browser.newPage();
        await page.goto(server.url);
        const output = await page.evaluate(cycle, CYCLES);
        assert.deepEqual(
          output.map((x) => x.toFixed(5)),
          ['8.98593', '9.98593'],
        );
      } finally {
        await browser.close();
      }
    });
  }
});
