import { test as base } from '@playwright/test';
import puppeteer from 'puppeteer-core';
import { serve } from '../server.mjs';
import { expect, test } from './examplePage.ts';

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

/** A page of another origin with markup in its text, and nothing else. */
async function host(markup: string, head = '') {
  return serve(import.meta.dirname, {
    answer(_request, response) {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(
        `<!DOCTYPE html><html lang="en"><title>An article</title>${head}<body><p>Text.</p>${markup}<p>More.</p>`,
      );
      return true;
    },
  });
}

/** The frame that the page offers for its section `words`, with a changed number in it. */
async function sharedFrame(page: import('@playwright/test').Page): Promise<string> {
  const section = page.locator('#words');
  await section.getByRole('textbox', { name: 'number 1 of the vector of bank' }).fill('1');
  await section.getByRole('button', { name: 'Share this section' }).click();
  await expect(section.getByLabel(/^A link to this section/)).toHaveValue(
    /words\.x=1,1,1,1&at=words$/,
  );
  return section.getByLabel(/^A frame for a page/).inputValue();
}

test.describe('in a page of another origin', () => {
  test('a section is shown with its numbers, as high as its content, and can be changed', async ({
    example,
    page,
    context,
  }) => {
    const markup = await sharedFrame(page);
    expect(example).toBeDefined();
    const server = await host(markup);
    // The fixture refuses other origins; this one is meant.
    await context.route(`${server.origin}/**`, (route) => route.continue());
    try {
      const article = await context.newPage();
      await article.goto(server.origin);
      expect(new URL(article.url()).origin).not.toBe(new URL(page.url()).origin);
      const frame = article.frameLocator('iframe');
      await expect(frame.locator('#words [data-cell="q:1:0"]')).toHaveText(/^\s*4\s/);
      await expect(frame.locator('h2')).toHaveCount(1);
      await expect(frame.getByRole('navigation')).toHaveCount(0);

      const heights = () =>
        article.locator('iframe').evaluate((node) => node.getBoundingClientRect().height);
      const inside = () =>
        frame.locator('body').evaluate((body) => Math.ceil(body.getBoundingClientRect().height));
      await expect.poll(async () => (await heights()) - (await inside())).toBe(0);
      await article.setViewportSize({ width: 360, height: 740 });
      await expect.poll(async () => (await heights()) - (await inside())).toBe(0);
      const sideways = await frame
        .locator('html')
        .evaluate((html) => html.scrollWidth - html.clientWidth);
      expect(sideways).toBe(0);

      const entries = await article.evaluate(() => history.length);
      await frame.getByRole('textbox', { name: 'number 1 of the vector of bank' }).fill('0');
      await expect(frame.locator('#words [data-cell="q:1:0"]')).toHaveText(/^\s*3\s/);
      await frame.getByRole('link', { name: /This is the worked example/ }).click();
      await expect(frame.locator('#example h2')).toBeVisible();
      await expect(frame.locator('#example th').filter({ hasText: 'bank' }).first()).toBeVisible();
      expect(await article.evaluate(() => history.length), 'Back is the article’s').toBe(entries);
    } finally {
      await server.close();
    }
  });

  test.describe('that chooses its colours', () => {
    // Playwright’s own choice would count in every frame.
    test.use({ colorScheme: null });

    for (const [scheme, paper] of [
      ['dark', 'rgb(21, 23, 27)'],
      ['light', 'rgb(251, 250, 247)'],
    ] as const) {
      test(`it is as ${scheme} as the article`, async ({ page, context, baseURL }) => {
        const server = await host(
          `<iframe src="${baseURL}embed.html#qkv=1&amp;at=words"></iframe>`,
          `<style>:root { color-scheme: ${scheme} }</style>`,
        );
        await context.route(`${server.origin}/**`, (route) => route.continue());
        try {
          await page.goto(server.origin);
          const frame = page.frameLocator('iframe');
          await expect(frame.locator('#words')).toBeVisible();
          await expect(frame.locator('html')).toHaveCSS('background-color', paper);
        } finally {
          await server.close();
        }
      });
    }
  });

  base('Firefox: a section in a page of another origin', async ({ baseURL }) => {
    base.setTimeout(120_000);
    const server = await host(
      `<iframe src="${baseURL}embed.html#qkv=1&amp;at=words" title="words" style="width: 100%; border: 0"></iframe>
<script>addEventListener('message', ({ data }) => { globalThis.told = data; });</script>`,
      '<style>:root { color-scheme: dark }</style>',
    );
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: FIREFOX,
      headless: true,
    });
    try {
      const page = await browser.newPage();
      await page.goto(server.origin);
      const element = await page.waitForSelector('iframe');
      const frame = await element?.contentFrame();
      const cell = await frame?.waitForSelector('#words [data-cell="q:1:0"]');
      expect(await cell?.evaluate((node) => node.firstChild?.textContent?.trim())).toBe('3');
      const paper = await frame?.evaluate(
        () => getComputedStyle(document.documentElement).backgroundColor,
      );
      expect(paper).toBe('rgb(21, 23, 27)');
      const inside = await frame?.evaluate(() =>
        Math.ceil(document.body.getBoundingClientRect().height),
      );
      await expect
        .poll(() => page.evaluate(() => (globalThis as { told?: unknown }).told))
        .toEqual({ qkvHeight: inside });
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
