import { expect, type Page, test } from './examplePage.ts';

async function codeFor(page: Page, language: string): Promise<string> {
  const section = page.getByRole('region', { name: 'Use it' });
  await section.getByRole('radio', { name: language }).check();
  return section.locator('pre code').innerText();
}

test('the code follows an edit, and is copied whole or selected', async ({
  page,
  example,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await example.input('Q', 1, 1).fill('-2.5');
  const code = await codeFor(page, 'JavaScript');
  expect(code).toContain('const q = [[-2.5, 4]];');
  await page.getByRole('button', { name: 'Copy the code' }).click();
  await expect(page.getByText('Copied.')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
  for (const language of ['NumPy', 'PyTorch'])
    expect(await codeFor(page, language)).toContain('[[-2.5, 4]]');
  await codeFor(page, 'JavaScript');

  // Without permission the code is selected, to be copied by hand.
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.getByRole('button', { name: 'Copy the code' }).click();
  await expect(page.getByText('The code is selected')).toBeVisible();
  expect(await page.evaluate(() => String(getSelection()).trim())).toContain('createAttention');
});
