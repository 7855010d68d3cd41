import { expect, test } from './examplePage.ts';

const STATIC_NUMBERS = [
  '11',
  '18',
  '7.77817',
  '12.72792',
  '0.007035',
  '0.992965',
  '8.9859',
  '9.9859',
];

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the example is there, with its numbers and formula', async ({ page }) => {
    await page.goto('./');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    for (const number of STATIC_NUMBERS) {
      await expect(page.getByRole('cell', { name: number, exact: true })).toBeVisible();
    }
    await expect(page.locator('noscript math, main math')).not.toHaveCount(0);
  });
});

test('without WebAssembly: says so, and shows the example as it was built', async ({ page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'WebAssembly'));
  await page.goto('./');
  await expect(page.getByRole('alert')).toContainText('could not be started');
  await expect(page.getByRole('alert')).toContainText('WebAssembly');
  for (const number of STATIC_NUMBERS) {
    await expect(page.getByRole('cell', { name: number, exact: true })).toBeVisible();
  }
  await expect(page.getByRole('textbox')).toHaveCount(0);
});
