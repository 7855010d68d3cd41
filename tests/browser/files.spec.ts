import { readFile } from 'node:fs/promises';
import { hashOf, MODELS } from '../page/models.ts';
import { expect, isWhole, type Page, test, toNumber } from './examplePage.ts';

const GROUPED = MODELS['everything at once, grouped heads'];

async function open(page: Page, model: string): Promise<void> {
  await page.goto(`./${hashOf(model)}`);
  await isWhole(page);
  await expect(page.locator('[data-cell="output:0:0"]').first()).not.toHaveText(/…/);
}

async function saved(page: Page, format: string, table?: string) {
  const section = page.getByRole('region', { name: 'Use it' });
  if (table) await section.getByRole('combobox', { name: 'Matrix' }).selectOption(table);
  const downloading = page.waitForEvent('download');
  await section.getByRole('button', { name: `Save ${format}` }).click();
  const download = await downloading;
  const name = download.suggestedFilename();
  await expect(section.getByText(`Saved as ${name}.`)).toBeVisible();
  return { name, content: await readFile(await download.path()) };
}

test('PNG is that picture in pixels', async ({ page }) => {
  await open(page, GROUPED);
  const { name, content } = await saved(page, 'as PNG', 'Weights');
  expect(name).toBe('attention-head-1-weights.png');
  const { width, height, colours } = await page.evaluate(
    async (data) => {
      const bitmap = await createImageBitmap(
        new Blob([new Uint8Array(data)], { type: 'image/png' }),
      );
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      const pixels = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [];
      return {
        width: bitmap.width,
        height: bitmap.height,
        colours: new Set(Array.from({ length: pixels.length / 4 }, (_, i) => pixels[4 * i])).size,
      };
    },
    [...content],
  );
  expect(width).toBeGreaterThan(600);
  expect(height).toBeGreaterThan(300);
  expect(colours, 'something is drawn').toBeGreaterThan(20);
});

test('files follow the head that is shown; JSON pasted into section 2 brings the matrices back', async ({
  page,
}) => {
  await open(page, GROUPED);
  await page.getByRole('button', { name: 'Head 3', exact: true }).first().click();
  const csv = await saved(page, 'as CSV', 'Weights');
  expect(csv.name).toBe('attention-head-3-weights.csv');
  const first = page.locator('#masks [data-cell="weights:0:0"]');
  const shown = toNumber((await first.textContent())?.trim().split(' ')[0] ?? '');
  expect(Number(csv.content.toString().split(',')[0])).toBeCloseTo(shown, 5);
  const svg = await saved(page, 'as SVG', 'Weights');
  expect(svg.name).toBe('attention-head-3-weights.svg');
  expect(svg.content.toString()).toMatch(/^<svg /);

  const own = page.getByRole('region', { name: 'Your own matrices' });
  const before = (await saved(page, 'everything as JSON')).content.toString();
  await own.getByRole('button', { name: 'Identity' }).click();
  await own.getByLabel('Rows from a spreadsheet').fill(before);
  await own.getByRole('button', { name: 'Use these numbers' }).click();
  await expect(own.locator('.outcome').first()).toContainText('Q, K and V');
  const { q, k, v } = JSON.parse(before);
  const after = JSON.parse((await saved(page, 'everything as JSON')).content.toString());
  expect({ q: after.q, k: after.k, v: after.v }).toEqual({ q, k, v });
});
