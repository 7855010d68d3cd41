import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, createProfile, launch } from '@puppeteer/browsers';
import puppeteer from 'puppeteer-core';

const executablePath = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

// Playwright cannot drive Debian's Firefox; puppeteer can, over WebDriver BiDi.
export async function startFirefox() {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    timeout: 90_000,
    protocolTimeout: 90_000,
  });
  const version = (await browser.version()).replace(/^\w+\//, '');
  return {
    name: 'Firefox',
    version,
    async open(url) {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      const complaints = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (['warn', 'error'].includes(message.type())) complaints.push(message.text());
      });
      await page.goto(url, { timeout: 60_000 });
      return {
        evaluate: (expression) => page.evaluate(expression),
        complaints,
        close: () => context.close(),
      };
    },
    openUndriven,
    close: () => browser.close(),
  };
}

/** A Firefox without a driver, for one page, which posts its own report. */
async function openUndriven(url) {
  const profile = await mkdtemp(join(tmpdir(), 'qkv-firefox-'));
  await createProfile(Browser.FIREFOX, { path: profile, preferences: {} });
  const args = ['--headless', '--no-remote', '--profile', profile, url];
  const firefox = launch({ executablePath, args });
  return {
    async close() {
      await firefox.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
