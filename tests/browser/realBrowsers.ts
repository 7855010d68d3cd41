// Chromium by Playwright and Firefox by puppeteer, which Playwright cannot drive, behind what tests of
// the package need of both.

import { chromium } from '@playwright/test';
import puppeteer from 'puppeteer-core';
import { CHROMIUM } from './chromium.mjs';

export interface Tab {
  /** Runs a function in the page: it is sent as its source. */
  evaluate<Given, Result>(run: (given: Given) => Promise<Result>, given: Given): Promise<Result>;
  /** What the page wrote to the console as a warning. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

export interface RealBrowser {
  open(url: string): Promise<Tab>;
  close(): Promise<void>;
}

/** Really switched off in the engine, not hidden from a script. */
const V8_FLAGS = {
  WebAssembly: '--jitless',
  '128-bit SIMD': '--no-enable-sse4-1,--no-enable-ssse3',
};
const FIREFOX_PREFERENCES = {
  WebAssembly: { 'javascript.options.wasm': false },
  'relaxed SIMD': { 'javascript.options.wasm_relaxed_simd': false },
};

export async function openChromium(lack?: keyof typeof V8_FLAGS): Promise<RealBrowser> {
  const flags = lack ? [`--js-flags=${V8_FLAGS[lack]}`] : [];
  const browser = await chromium.launch({ ...CHROMIUM, args: [...CHROMIUM.args, ...flags] });
  return {
    async open(url) {
      const page = await browser.newPage();
      const warnings: string[] = [];
      page.on('console', (said) => void (said.type() === 'warning' && warnings.push(said.text())));
      await page.goto(url);
      return {
        evaluate: (run, given) => page.evaluate(run as never, given) as never,
        warnings,
        close: () => page.close(),
      };
    },
    close: () => browser.close(),
  };
}

export async function openFirefox(lack?: keyof typeof FIREFOX_PREFERENCES): Promise<RealBrowser> {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    extraPrefsFirefox: lack ? FIREFOX_PREFERENCES[lack] : {},
  });
  return {
    async open(url) {
      const page = await browser.newPage();
      const warnings: string[] = [];
      page.on('console', (said) => void (said.type() === 'warn' && warnings.push(said.text())));
      await page.goto(url);
      return {
        evaluate: (run, given) => page.evaluate(run as never, given) as never,
        warnings,
        close: () => page.close(),
      };
    },
    close: () => browser.close(),
  };
}
