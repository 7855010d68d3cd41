import { expect, test } from './examplePage.ts';

const STEPS = ['Matching', 'Adjusting the scale', 'Chances', 'Applying them'];
// What each step brings, and the next one must keep showing or leave.
const RESULTS = ['products:0:0', 'scaled:0:0', 'weights:0:0', 'contributions:0:0:0'];

test('Next and Back walk the four steps', async ({ example }) => {
  for (const [index, name] of STEPS.entries()) {
    await expect(example.stepHeading).toHaveText(`Step ${index + 1} of 4: ${name}`);
    await expect(example.cell(RESULTS[index])).toBeVisible();
    await expect(example.page.locator('[aria-current="step"]')).toContainText(name);
    await example.pressAnyway(example.next);
  }
  await expect(example.stepHeading, 'Next at the end stays').toContainText('Applying them');
  await expect(example.next).toHaveAttribute('aria-disabled', 'true');
  for (const name of STEPS.toReversed()) {
    await expect(example.stepHeading).toContainText(name);
    await example.pressAnyway(example.back);
  }
  await expect(example.stepHeading, 'Back at the start stays').toContainText('Matching');
  await expect(example.back).toHaveAttribute('aria-disabled', 'true');
});

test('the keyboard alone walks the steps, and is never lost', async ({ example, page }) => {
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the four steps' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(example.back).toBeFocused();
  for (let i = 0; i < 5; i++) await page.keyboard.press('Tab');
  await expect(example.next).toBeFocused();
  for (const name of STEPS.slice(1)) {
    await page.keyboard.press('Enter');
    await expect(example.stepHeading).toContainText(name);
    await expect(example.next, 'focus stays on the button').toBeFocused();
  }
  await page.keyboard.press('Space');
  await expect(example.next).toBeFocused();
});

test('each step has its formula as MathML, its sentence and its numbers', async ({
  example,
  page,
}) => {
  for (const step of [1, 2, 3, 4]) {
    await example.goToStep(step);
    const panel = page.locator('.panel');
    expect(await panel.locator('.symbols math').count()).toBeGreaterThan(0);
    await expect(panel.locator('.words > p')).toHaveText(/\w{3,}.*\./);
    expect(await page.locator('[data-number]').count()).toBeGreaterThan(1);
  }
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
