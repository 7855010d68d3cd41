import { test as base, expect } from '@playwright/test';
import puppeteer from 'puppeteer-core';
import { walkSections } from './sections.ts';

// Playwright cannot drive Debian's Firefox; puppeteer can, over WebDriver BiDi.
base('Firefox: every section works', async ({ baseURL }) => {
  base.setTimeout(180_000);
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
  });
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (['warn', 'error'].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(baseURL ?? '');
    const text = async (key: string) => {
      const cell = await page.waitForSelector(`[data-cell="${key}"]`);
      return cell?.evaluate((node) => node.firstChild?.textContent?.trim());
    };
    const press = (name: string) => page.locator(`::-p-aria(${name}[role="button"])`).click();

    expect(await text('output:0:0')).toBe('8.9859');
    expect(await text('products:0:1')).toBe('18');
    await press('Next');
    expect(await text('scaled:0:1')).toBe('12.72792');
    await press('Next');
    expect(await text('weights:0:0')).toBe('0.007035');
    await press('Next');
    expect(await text('contributions:0:0:0')).toBe('0.0492');

    const input = await page.waitForSelector('[data-cell="v:0:0"]');
    await input?.focus();
    await input?.evaluate((node) => (node as HTMLInputElement).select());
    await page.keyboard.type('70');
    expect(await text('contributions:0:0:0')).toBe('0.4925');
    await page.keyboard.type(',');
    expect(await input?.evaluate((node) => node.getAttribute('aria-invalid'))).toBe('true');
    expect(await text('contributions:0:0:0')).toBe('0.4925');
    await page.goto('about:blank');
    await page.goto(baseURL ?? '');
    await text('output:0:0');
    await walkSections({
      run: (inPage, ...given) =>
        page.evaluate(`(${inPage})(...${JSON.stringify(given)})`) as Promise<never>,
    });
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
});
