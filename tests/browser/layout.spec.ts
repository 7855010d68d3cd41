import { random } from '../page/random.ts';
import { type ExamplePage, expect, isWhole, type Page, test } from './examplePage.ts';

/** Asked for before the page loads: the sum of all layout shifts, those right after input included. */
async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: { value: number; recentInput: boolean }[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
      })[]) {
        shifts.push({ value: entry.value, recentInput: entry.hadRecentInput });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

async function shiftsOf(page: Page): Promise<{ value: number; recentInput: boolean }[]> {
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))),
  );
  return page.evaluate(() => (globalThis as unknown as { shifts: never[] }).shifts);
}

for (const width of [1280, 360]) {
  test(`nothing shifts while the page loads, at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await watchShifts(page);
    await page.goto('./');
    await isWhole(page);
    await expect(page.locator('[data-cell="output:0:0"]').first()).not.toHaveText(/…/);
    await page.evaluate(() => document.fonts.ready);
    expect(await shiftsOf(page)).toEqual([]);
  });
}

test('nothing shifts when the engine comes late', async ({ page }) => {
  await watchShifts(page);
  await page.route(/\.wasm$/, async (route) => {
    await new Promise((done) => setTimeout(done, 3000));
    await route.continue();
  });
  await page.goto('./');
  const output = page.locator('[data-cell="output:0:0"]').first();
  await expect(output).toHaveText(/…/);
  await isWhole(page);
  await page.evaluate(() => document.fonts.ready);
  await expect(output).not.toHaveText(/…/);
  expect(await shiftsOf(page)).toEqual([]);
});

test('the controls stay where they are while steps are walked and a cell is emptied', async ({
  example,
}) => {
  const before = await example.next.boundingBox();
  for (const step of [2, 3, 4, 1]) {
    await example.goToStep(step);
    expect(await example.next.boundingBox()).toEqual(before);
  }
  await example.input('K', 2, 1).fill('');
  await expect(example.status).toContainText('last good');
  expect(await example.next.boundingBox()).toEqual(before);
});

const STATES: [string, (example: ExamplePage) => Promise<void>][] = [
  ['as it opens', async () => {}],
  ['with bad input', (example) => example.input('K', 1, 1).fill('<not a number at all>')],
  ['with the largest matrices', (example) => example.follow(random(3, 12, 12, 12, 12))],
  [
    'with huge numbers',
    (example) =>
      example.follow({
        q: [[-123456.75, 1e30]],
        k: [
          [1e-30, 7],
          [123456789, -1e5],
        ],
        v: [
          [-1e30, 1],
          [1234567.891, 2],
        ],
      }),
  ],
  ['with several heads', (example) => example.press('Grouped heads')],
];

test('only matrices scroll sideways, from 320 to 1440 px', async ({ example, page }) => {
  test.setTimeout(240_000); // seconds, on an idle machine
  for (const [name, enter] of STATES) {
    await page.setViewportSize({ width: 1440, height: 740 });
    await enter(example);
    for (const width of [1440, 768, 360, 320]) {
      await page.setViewportSize({ width, height: 740 });
      for (const step of [1, 2, 3, 4]) {
        await example.goToStep(step);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow, `${name}, ${width} px, step ${step}`).toBe(0);
      }
    }
  }
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true });

  test('what is tapped is large enough for a thumb', async ({ example, page }) => {
    await example.goToStep(3);
    await page.getByRole('button', { name: 'Contents' }).tap();
    const tapped = page.locator(
      ['#example', '#matrices', '#masks', 'nav']
        .map((part) => `${part} :is(input:not(label input), label:has(input), button, textarea, a)`)
        .join(', '),
    );
    const small = await tapped.evaluateAll((nodes) =>
      nodes
        .map((node) => ({ node: node.outerHTML.slice(0, 80), box: node.getBoundingClientRect() }))
        // A number in the formula stands in a line of text.
        .filter(({ box, node }) => !node.includes('data-number') && box.height > 0)
        .filter(({ box }) => box.width < 40 || box.height < 36)
        .map(({ node, box }) => `${node} ${box.width}×${box.height}`),
    );
    expect(small).toEqual([]);
  });

  test('a tap on a number shows its cell, a tap on a cell its formula', async ({
    example,
    page,
  }) => {
    await example.number('k:0:1').tap();
    await expect(example.cell('k:0:1')).toHaveClass(/\blit\b/);
    await expect(example.cell('k:0:1')).toBeInViewport();
    await example.cell('products:0:1').tap();
    await expect(page.getByText('Score of query 1 and key 2', { exact: true })).toBeVisible();
    // Numbers bring up the keyboard for decimals.
    await expect(example.input('Q', 1, 1)).toHaveAttribute('inputmode', 'decimal');
  });
});

test('prints in black on white, without the controls', async ({ example, page }) => {
  await page.emulateMedia({ media: 'print' });
  await expect(example.next).toBeHidden();
  await expect(example.cell('output:0:0')).toBeVisible();
});
