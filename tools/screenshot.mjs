// npm run screenshot: builds the page and takes pictures of it for README and for previews of links. It also
// makes the icon that must be a PNG.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHROMIUM } from '../tests/browser/chromium.mjs';
import { installBrowsers } from './browsers.mjs';
import { build } from './build.mjs';
import { asCommand, PROJECT } from './project.mjs';

const PUBLIC = join(PROJECT, 'web/public');
const ICON_SIZE = 512;

await asCommand(async () => {
  await build();
  const { CHROMIUM: executablePath } = await installBrowsers('chromium');
  const { chromium } = await import('@playwright/test');
  const { servePage } = await import('./serve.mjs');
  const page = await servePage({ port: 0 });
  const browser = await chromium.launch({ ...CHROMIUM, executablePath });
  try {
    await pictureOfReadme(browser, page.address);
    await pictureOfPreview(browser, page.address);
    await icon(browser);
  } finally {
    await browser.close();
    await page.close();
  }
});

async function pictureOfReadme(browser, address) {
  const tab = await openAt(browser, address, { width: 1200, height: 1130 }, 1.5);
  await tab.screenshot({ path: join(PROJECT, 'docs/page.png') });
}

// Previews are cut to 1200 × 630. The picture shows the worked example, enlarged by 1.2.
async function pictureOfPreview(browser, address) {
  const tab = await openAt(browser, address, { width: 1000, height: 525 }, 1.2);
  await tab.locator('#example').evaluate((section) => {
    scrollBy(0, section.getBoundingClientRect().top);
  });
  await tab.screenshot({ path: join(PUBLIC, 'social-preview.png') });
}

/** Opens the page at its third step, which shows the most. The mouse points at nothing. */
async function openAt(browser, address, viewport, deviceScaleFactor) {
  const tab = await browser.newPage({ viewport, deviceScaleFactor });
  await tab.goto(address);
  await tab.getByRole('button', { name: /Chances/ }).click();
  await tab.mouse.move(0, 0);
  await tab.evaluate(() => document.activeElement?.blur());
  return tab;
}

/** The favicon on the page's background, with a margin for round masks. */
async function icon(browser) {
  const tab = await browser.newPage({ viewport: { width: ICON_SIZE, height: ICON_SIZE } });
  const svg = await readFile(join(PUBLIC, 'favicon.svg'), 'utf8');
  await tab.setContent(
    `<style>body { margin: 0; padding: 15%; background: #fbfaf7 } svg { display: block }</style>${svg}`,
  );
  await tab.screenshot({ path: join(PUBLIC, 'touch-icon.png') });
}
