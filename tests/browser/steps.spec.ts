import { expect, test } from './examplePage.ts';

const STEPS = ['Matching', 'Adjusting the scale', 'Chances', 'Applying them'];
/** The worked example at the digits that the page prints. */
const RESULTS: Record<string, string>[] = [
  { 'products:0:0': '11', 'products:0:1': '18' },
  { 'scaled:0:0': '7.77817', 'scaled:0:1': '12.72792' },
  { 'weights:0:0': '0.007035', 'weights:0:1': '0.992965', 'weightSum:0': '1.000000' },
  { 'contributions:0:0:0': '0.0492', 'output:0:0': '8.9859', 'output:0:1': '9.9859' },
];

test('the keyboard alone walks the worked example, forth and back, and is never lost', async ({
  example,
  page,
}) => {
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the four steps' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(example.back).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(example.stepHeading, 'Back at the start stays').toContainText('Matching');
  for (let i = 0; i < 5; i++) await page.keyboard.press('Tab');
  await expect(example.next).toBeFocused();
  for (const [index, name] of STEPS.entries()) {
    await expect(example.stepHeading).toHaveText(`Step ${index + 1} of 4: ${name}`);
    await expect(page.locator('[aria-current="step"]')).toContainText(name);
    for (const [key, text] of Object.entries(RESULTS[index]))
      expect(await example.text(example.cell(key)), key).toBe(text);
    await page.keyboard.press('Enter');
    await expect(example.next, 'focus stays on the button').toBeFocused();
  }
  await expect(example.stepHeading, 'Next at the end stays').toContainText('Applying them');
  await expect(example.next).toHaveAttribute('aria-disabled', 'true');
  await example.back.focus();
  for (const name of STEPS.toReversed()) {
    await expect(example.stepHeading).toContainText(name);
    await page.keyboard.press('Space');
  }
  await expect(example.back).toHaveAttribute('aria-disabled', 'true');
});

test('the formula stays in sight while the steps are walked', async ({ example, page }) => {
  await page.setViewportSize({ width: 1280, height: 500 });
  const formula = page.locator('.bar');
  await expect(formula.locator('math')).toHaveCount(1);
  for (const step of [1, 2, 3, 4]) {
    await example.goToStep(step);
    await page.locator('.numbers').evaluate((node) => node.scrollIntoView({ block: 'center' }));
    const box = await formula.boundingBox();
    expect(box?.y).toBe(0);
    await expect(formula).toHaveAttribute('data-step', String(step));
  }
});

test('a result cell is reached by Tab and moved about by arrows', async ({ example, page }) => {
  await example.press('Add a query');
  await example.press('Add a key and its value');
  await example.goToStep(3);
  await example.next.focus();
  const focused = () => page.evaluate(() => (document.activeElement as HTMLElement).dataset.cell);
  while ((await focused()) !== 'scaled:0:0') await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toBe('scaled:1:1');
  await page.keyboard.press('End');
  expect(await focused()).toBe('scaled:1:2');
  await page.keyboard.press('ArrowRight');
  expect(await focused(), 'the row’s maximum is a cell too').toBe('rowMax:1');
  await page.keyboard.press('Home');
  expect(await focused()).toBe('scaled:1:0');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowDown');
  expect(await focused(), 'the edge holds').toBe('scaled:1:0');
  await page.keyboard.press('Tab');
  expect(await focused(), 'one stop a matrix').toMatch(/^exponentials:/);
});
