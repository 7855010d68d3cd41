import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { servePage } from '../../tools/serve.mjs';

const DIST = fileURLToPath(new URL('../../web/dist', import.meta.url));
const BUILD = fileURLToPath(new URL('../../build/', import.meta.url));

/** A copy of the page on a server of its own, so that it can change, and go away. */
const test = base.extend<{ folder: string }>({
  folder: async ({ browserName: _ }, use) => {
    const folder = await mkdtemp(join(BUILD, 'offline-'));
    await cp(DIST, folder, { recursive: true, filter: (path) => !/\.(br|gz)$/.test(path) });
    await use(folder);
    await rm(folder, { recursive: true });
  },
});

async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.locator('[data-cell="output:0:0"]').first()).toContainText('8.9859');
}

async function keptFor(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await expect
    .poll(() =>
      page.evaluate(() =>
        navigator.serviceWorker.getRegistration().then((it) => it?.active?.state),
      ),
    )
    .toBe('activated');
}

function cacheNames(page: Page): Promise<string[]> {
  return page.evaluate(() => caches.keys());
}

test('once visited, the page works without a network, its workers too', async ({
  page,
  folder,
}) => {
  const server = await servePage({ port: 0, folder });
  await visit(page, server.address);
  await keptFor(page);
  await server.close();

  await visit(page, server.address);
  await page.getByRole('textbox', { name: 'Q row 1 column 1' }).first().fill('-3');
  await expect(page.locator('[data-cell="output:0:0"]').first()).not.toContainText('8.9859');
  await page.getByRole('link', { name: 'At the size of a model' }).first().click();
  await expect(
    page.getByRole('region', { name: 'At the size of a model' }).locator('canvas').first(),
  ).toBeVisible();
  const missing = await page.evaluate(() =>
    fetch('./not-there').then(
      () => 'came',
      () => 'failed',
    ),
  );
  expect(missing, 'the network is gone').toBe('failed');
});

test('the page works from any folder, and keeps to it', async ({ page, folder }) => {
  await cp(DIST, join(folder, 'deep/er'), { recursive: true });
  const server = await servePage({ port: 0, folder });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await visit(page, `${server.address}deep/er/`);
  await keptFor(page);
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((path) => !path.startsWith('/deep/er/'))).toEqual([]);
  const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
  expect(scope).toBe(`${server.address}deep/er/`);
  await server.close();
});

/** Deploys a page that says something else, as a build after a change does. */
async function deploy(folder: string, title: string): Promise<void> {
  for (const [file, from, to] of [
    ['index.html', /<title>[^<]*/, `<title>${title}`],
    ['service-worker.js', /version:"[0-9a-f]+"|"version":"[0-9a-f]+"/, `"version":"${title}"`],
  ] as const) {
    const text = await readFile(join(folder, file), 'utf8');
    expect(text).toMatch(from);
    await writeFile(join(folder, file), text.replace(from, to));
    for (const compressed of ['br', 'gz'])
      await rm(join(folder, `${file}.${compressed}`), { force: true });
  }
}

async function open(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await visit(page, address);
  return page;
}

test('what is deployed is shown at once, and what was kept before is let go', async ({
  context,
  folder,
}) => {
  let server = await servePage({ port: 0, folder });
  const { address } = server;
  const port = Number(new URL(address).port);
  let page = await open(context, address);
  await keptFor(page);
  const [before] = await cacheNames(page);
  await server.close();

  await deploy(folder, 'deployed');
  server = await servePage({ port, folder });
  await visit(page, address);
  expect(await page.title()).toBe('deployed');
  // The old version serves the open page until it is closed.
  await expect.poll(() => cacheNames(page)).toHaveLength(2);
  // A visit that begins before Chromium has let go of the closed page is still one of the old version's.
  await expect(async () => {
    await page.close();
    page = await open(context, address);
    const names = () => cacheNames(page);
    await expect.poll(names, { timeout: 1000 }).toEqual([before.replace(/\S+$/, 'deployed')]);
  }).toPass({ timeout: 15_000 });

  await server.close();
  await visit(page, address);
  expect(await page.title(), 'kept, too').toBe('deployed');
});
