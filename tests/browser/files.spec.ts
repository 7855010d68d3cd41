import { readFile } from 'node:fs/promises';
import { createAttention } from 'qkv';
import { expect, isWhole, type Page, test } from './examplePage.ts';
import { address, MODELS } from './models.ts';
import { RELAXED_MADD, withoutOpcodes } from './withoutOpcodes.ts';

const GROUPED = MODELS['everything at once, grouped heads'];
const EMPTY_ROW = MODELS['a drawn mask that leaves a row empty'];

async function open(page: Page, model: string): Promise<void> {
  await page.goto(address(model));
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

test('CSV holds the very float32 numbers that the engine computed', async ({ page }) => {
  // Bits are promised to be the same for 'simd', in every browser and Node.
  await withoutOpcodes(page, RELAXED_MADD);
  await open(
    page,
    'q=1x2x2:-0.125,1e-3,3.25,-4&k=1x3x2:1.5,-2,0.1,7,1.3,0.3&v=1x3x1:1e-8,-123.789,0.1',
  );
  using attention = await createAttention({ variant: 'simd' });
  const trace = attention.trace(
    [
      [-0.125, 1e-3],
      [3.25, -4],
    ],
    [
      [1.5, -2],
      [0.1, 7],
      [1.3, 0.3],
    ],
    [[1e-8], [-123.789], [0.1]],
  );
  for (const [table, name, { data }] of [
    ['Weights', 'attention-weights.csv', trace.weights],
    ['Output', 'attention-output.csv', trace.output],
    ['Exponentials', 'attention-exponentials.csv', trace.exponentials],
  ] as const) {
    const file = await saved(page, 'as CSV', table);
    expect(file.name).toBe(name);
    const rows = file.content.toString().trimEnd().split('\r\n');
    expect(rows).toHaveLength(2);
    const texts = rows.flatMap((row) => row.split(','));
    expect(texts.map(Number).map(Math.fround)).toEqual([...data]);
    for (const text of texts) expect(text.length, 'no digit too many').toBeLessThanOrEqual(14);
  }
});

test('CSV says what is not a number of the ordinary kind', async ({ page }) => {
  await open(page, EMPTY_ROW);
  const masked = (await saved(page, 'as CSV', 'Scores after softcap and masks')).content.toString();
  expect(masked.split('\r\n')[0]).toBe('-Infinity,-Infinity,-Infinity');
  expect((await saved(page, 'as CSV', 'Weights')).content.toString()).toMatch(
    /^0,0,0\r\n0\.\d+,0,/,
  );
});

test('JSON holds the matrices, the options and every result of every head', async ({ page }) => {
  await open(page, GROUPED);
  const { name, content } = await saved(page, 'everything as JSON');
  expect(name).toBe('attention.json');
  const whole = JSON.parse(content.toString());
  expect([whole.q.length, whole.k.length, whole.v.length]).toEqual([4, 2, 2]);
  expect(whole.options).toMatchObject({
    causal: true,
    alignEnd: true,
    left: 2,
    softcap: 2,
    scale: 3,
  });
  using attention = await createAttention();
  const trace = attention.trace(whole.q, whole.k, whole.v, {
    isCausal: true,
    queryOffset: 'end',
    window: { left: 2 },
    mask: whole.options.mask,
    softcap: 2,
    scale: 1 / 3,
  });
  const flat = (id: string) =>
    whole.results.flatMap((head: Record<string, unknown[][]>) => head[id].flat()).map(Number);
  for (const [id, { data }] of [
    ['scores', trace.products],
    ['masked', trace.masked],
    ['weights', trace.weights],
    ['output', trace.output],
  ] as const) {
    expect(flat(id)).toHaveLength(data.length);
    for (const [i, value] of flat(id).entries()) {
      if (Number.isFinite(data[i])) expect(value, `${id} ${i}`).toBeCloseTo(data[i], 5);
      else expect(value).toBe(data[i]);
    }
  }
});

test('SVG is a picture of the matrix, complete in itself', async ({ page, example, context }) => {
  await expect(example.next).toBeVisible();
  const { name, content } = await saved(page, 'as SVG', 'Weights');
  expect(name).toBe('attention-weights.svg');
  // In a page without Trusted Types: this one would refuse to parse it.
  const blank = await context.newPage();
  const seen = await blank.evaluate((svg) => {
    const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    return {
      root: root.nodeName,
      title: root.querySelector('title')?.textContent,
      texts: [...root.querySelectorAll('text')].map((node) => node.textContent),
      squares: [...root.querySelectorAll('rect')].slice(1).map((node) => node.getAttribute('fill')),
      scripts: root.querySelectorAll('script, image, a, style, [href], [onload]').length,
    };
  }, content.toString());
  expect(seen).toMatchObject({ root: 'svg', title: 'Weights', scripts: 0 });
  expect(seen.texts).toEqual(['Weights', 'k1', 'k2', 'q1', '0.007035', '0.992965']);
  // Cividis, dark at 0.
  expect(seen.squares.map(brightness).map((value) => value > 120)).toEqual([false, true]);
});

/** The brightest channel. */
function brightness(colour: string | null): number {
  const channels = colour?.match(/^rgb\((\d+), (\d+), (\d+)\)$/)?.slice(1) ?? [];
  expect(channels, String(colour)).toHaveLength(3);
  return Math.max(...channels.map(Number));
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

test('files follow the head that is shown', async ({ page }) => {
  await open(page, GROUPED);
  const head = page.getByRole('button', { name: 'Head 3', exact: true });
  await head.first().click();
  expect((await saved(page, 'as CSV', 'Weights')).name).toBe('attention-head-3-weights.csv');
});

test('JSON pasted into section 2 brings the matrices back, even the largest', async ({ page }) => {
  const numbers = Array.from({ length: 8 * 12 * 12 }, (_, i) => Math.fround(Math.sin(i)));
  const all = JSON.stringify(
    Array.from({ length: 8 }, (_, h) =>
      Array.from({ length: 12 }, (_, i) => numbers.slice((h * 12 + i) * 12, (h * 12 + i + 1) * 12)),
    ),
  );
  await open(page, MODELS['the article']);
  const own = page.getByRole('region', { name: 'Your own matrices' });
  const paste = async (text: string) => {
    await own.getByLabel('Rows from a spreadsheet').fill(text);
    await own.getByRole('button', { name: 'Use these numbers' }).click();
    await expect(own.locator('.outcome').first()).toHaveText('Q, K and V are now what you pasted.');
  };
  await paste(`{ "q": ${all}, "k": ${all}, "v": ${all} }`);
  const before = (await saved(page, 'everything as JSON')).content.toString();
  await own.getByRole('button', { name: 'The article’s example' }).click();
  await paste(before);
  expect((await saved(page, 'everything as JSON')).content.toString()).toBe(before);
});
