import { axeFindsNothing } from './axe.ts';
import { expect, type Page, test } from './examplePage.ts';

async function follow(page: Page): Promise<void> {
  await page.goto('./');
  await page.getByRole('link', { name: 'How to use qkv' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'qkv' })).toBeVisible();
}

test('README is a page, with its code and its table of options', async ({ page }) => {
  await follow(page);
  await expect(page.getByText("import { createAttention } from 'qkv';")).toBeVisible();
  const options = page.getByRole('table').first();
  await expect(options.getByRole('row').filter({ hasText: 'isCausal' }).first()).toBeVisible();
  // What would lead out of here to files that only the project has.
  const links = await page
    .locator('main a')
    .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  expect(links.filter((href) => !/^(https:|#)/.test(href ?? ''))).toEqual([]);
  await expect(page.locator('main img')).toHaveCount(0);
  await page.getByRole('link', { name: 'Attention, number by number' }).click();
  await expect(page.getByRole('heading', { name: 'Use it' })).toBeInViewport();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`${colorScheme}, 320 px`, () => {
    test.use({ colorScheme, viewport: { width: 320, height: 740 } });
    test('README fits a phone, and axe finds nothing', async ({ page }) => {
      await follow(page);
      await axeFindsNothing(page);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBe(0);
    });
  });
}
