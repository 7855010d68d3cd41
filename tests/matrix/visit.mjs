// Opens an app in a browser and waits for what its page reports.

import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT = 60_000;

/** Resolves to { places: { name: report }, complaints }. */
export async function visit(browser, url) {
  const page = await browser.open(url);
  try {
    const { places, complaints } = JSON.parse(await reportIn(page));
    return { places, complaints: [...complaints, ...page.complaints] };
  } finally {
    await page.close();
  }
}

async function reportIn(page) {
  const deadline = performance.now() + LIMIT;
  while (performance.now() < deadline) {
    const text = await page.evaluate('document.querySelector("#report")?.textContent');
    if (text) return text;
    await sleep(50);
  }
  const text = await page.evaluate('document.documentElement.outerHTML');
  throw new Error(
    [`no report within ${LIMIT / 1000} s`, ...page.complaints, text.slice(0, 2000)].join('\n'),
  );
}
