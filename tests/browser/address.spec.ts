import { linkTo } from '../page/link.ts';
import { ARTICLE } from '../page/reference.ts';
import { ExamplePage, expect, test } from './examplePage.ts';

test('the address follows every change, and brings all of it back', async ({
  example,
  page,
  context,
}) => {
  expect(new URL(page.url()).hash, 'the page as it opens has none').toBe('');
  await example.press('Grouped heads');
  await example.masks.getByLabel('Causal').check();
  await example.press('See fewer keys before', 2);
  await example.masks.locator('[data-cell="masked:1:0"]').click();
  await example.masks.getByLabel('Your own divisor').fill('2.5');
  await example.masks.getByLabel('Softcap').check();
  await example.input('Q', 1, 1).fill('-1.25e-3');
  await example.goToStep(3);
  await expect.poll(() => page.url()).toContain('step=3');
  const before = await Promise.all([example.results(), example.results(example.masks)]);

  const other = new ExamplePage(await context.newPage());
  await other.open(new URL(page.url()).hash);
  expect(await Promise.all([other.results(), other.results(other.masks)])).toEqual(before);
  await expect(other.input('Q', 1, 1)).toHaveValue('-0.00125');
  await expect(other.stepHeading).toContainText('Chances');
  await expect(other.masks.getByLabel('Causal')).toBeChecked();
  await expect(other.count('keys before the query')).toHaveText('1');
  await expect(other.masks.getByLabel('Your own divisor')).toHaveValue('2.5');
  await expect(other.masks.locator('[data-cell="masked:1:0"]')).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  expect(new URL(page.url()).hash).toMatch(/^#[-a-z0-9=&:,.+]*$/);
});

test('Back and Forward walk through what was done', async ({ example, page }) => {
  await example.input('Q', 1, 1).fill('5');
  await expect.poll(() => page.url()).toContain('q=1x1x2:5,4');
  await example.input('Q', 1, 1).fill('56'); // the digits of one number are one entry
  await expect.poll(() => page.url()).toContain('q=1x1x2:56,4');
  await example.goToStep(2);
  await expect.poll(() => page.url()).toContain('step=2');
  await page.getByRole('link', { name: 'Masks, scale, heads' }).first().click();
  await expect(page.getByRole('heading', { name: 'Masks, scale, heads' })).toBeInViewport();
  await expect.poll(() => page.url()).toContain('section=3');

  await page.goBack();
  expect(page.url()).not.toContain('section');
  await page.goBack();
  await expect(example.stepHeading).toContainText('Matching');
  await expect(example.input('Q', 1, 1)).toHaveValue('56');
  await page.goBack();
  await expect(example.input('Q', 1, 1)).toHaveValue('3');
  expect(await example.text(example.cell('output:0:0'))).toBe('8.9859');
  await page.goForward();
  await expect(example.input('Q', 1, 1)).toHaveValue('56');
  await page.goForward();
  await expect(example.stepHeading).toContainText('Adjusting the scale');
});

const HOSTILE: [string, RegExp][] = [
  ['#qkv=2&step=2', /version/],
  ['#qkv=1&q=<img src=x onerror=alert(1)>', /does not know/],
  [`#qkv=1&q=${'9'.repeat(9000)}`, /longer than 8000/],
];

test('a damaged or hostile link opens the page as it is, with a notice', async ({
  example,
  page,
}) => {
  const notice = page.getByRole('alert');
  for (const [hash, says] of HOSTILE) {
    await test.step(hash.slice(0, 50), async () => {
      await example.go(linkTo({ ...ARTICLE, q: [[1, 1]] }));
      await expect(notice).toHaveCount(0);
      await example.go(hash);
      await expect(notice).toContainText(says);
      await expect(example.input('Q', 1, 1)).toHaveValue('3');
      expect(await example.text(example.cell('output:0:0'))).toBe('8.9859');
    });
  }
  await example.open(`?${Date.now()}#qkv=1&step=7`);
  await expect(notice, 'also when it is what the page was opened by').toContainText('step');
  await expect(example.stepHeading).toContainText('Matching');

  await example.input('Q', 1, 1).fill('5');
  await example.go('#masks');
  await expect(notice, 'a place on the page is no state').toHaveCount(0);
  await expect(example.input('Q', 1, 1)).toHaveValue('5');
});

test('Copy link copies the address; where that is refused it is selected', async ({
  example,
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await example.input('Q', 1, 1).fill('5');
  const copy = page.getByRole('button', { name: 'Copy link' });
  await copy.click();
  await expect(example.matrices).toContainText('Copied.');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain('#qkv=1&q=1x1x2:5,4');
  await example.input('Q', 1, 1).fill('6');
  await expect(example.matrices).not.toContainText('Copied.');

  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await copy.click();
  await expect(example.matrices).toContainText('The link is selected');
  const selected = await page.evaluate(() => getSelection()?.toString() ?? '');
  expect(selected).toContain('q=1x1x2:6,4');
});

test('contents and Next lead through the sections by keyboard', async ({ example, page }) => {
  const names = await page.locator('main > section h2').allTextContents();
  expect(names.length).toBe(7);
  const contents = page.getByRole('navigation', { name: 'Contents' });
  await expect(contents.getByRole('link')).toHaveCount(7);
  for (const [index, name] of names.slice(1).entries()) {
    const heading = page.locator('main > section h2').nth(index + 1);
    const next = page.getByRole('link', { name: /^Next: / }).nth(index);
    await next.focus();
    await page.keyboard.press('Enter');
    await expect(heading, name).toBeFocused();
    await expect(heading).toBeInViewport();
    await expect(contents.locator('[aria-current]')).toHaveAttribute(
      'href',
      new RegExp(`section=${index + 2}$`),
    );
  }
  await contents.getByRole('link').first().focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('main > section h2').first()).toBeFocused();
  await expect(example.cell('output:0:0')).toBeInViewport();
});
