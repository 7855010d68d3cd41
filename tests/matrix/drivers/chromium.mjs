import { chromium } from '@playwright/test';
import { CHROMIUM } from '../../browser/chromium.mjs';

export async function startChromium() {
  const browser = await chromium.launch(CHROMIUM);
  return {
    name: 'Chromium',
    version: browser.version(),
    async open(url) {
      const context = await browser.newContext();
      const page = await context.newPage();
      const complaints = [];
      page.on('pageerror', ({ message }) => complaints.push(message));
      page.on('console', (message) => {
        if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
      });
      await page.goto(url);
      return {
        evaluate: (expression) => page.evaluate(expression),
        complaints,
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
