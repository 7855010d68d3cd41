import { expect, test } from './examplePage.ts';
import { goToSection, tabTo } from './keyboard.ts';

test.setTimeout(60_000);

test('finds why the article’s 0.2 and 0.8 differ', async ({ page, example }) => {
  await expect(example.next).toBeVisible();
  const heading = page.getByRole('heading', { name: 'Where the article’s 0.2 and 0.8 come from' });
  await heading.scrollIntoViewIfNeeded();
  const section = page.getByRole('region', { name: 'Where the article’s 0.2 and 0.8 come from' });
  await expect(section).toContainText('it assumes the weights 0.2 and 0.8, which it calls chances');
  await expect(section).toContainText('not the softmax of its scores');
  await expect(section.getByRole('row', { name: /weight/ }).first()).toContainText('0.007035');
  await goToSection(page, 'Options');
  await tabTo(page, 'Divide by');
  await page.keyboard.press('Enter');
  const output = example.masks.getByRole('button', { name: '8.6000 output of query 1, column 1' });
  await expect(output.first()).toBeVisible();
});

test('makes the second token attend only to itself', async ({ page, example }) => {
  await goToSection(page, 'Options');
  await tabTo(page, 'Add a second query');
  await page.keyboard.press('Enter');
  await tabTo(page, /logit of query 1 and key 1/);
  await page.keyboard.press('ArrowDown');
  await expect(example.masks).toContainText('Query 2 sees');
  await tabTo(page, /key 1$/);
  await page.keyboard.press('Space');
  const weight = (key: number) =>
    example.masks.getByRole('button', { name: `weight of key ${key} for query 2`, exact: false });
  await expect(weight(1).first()).toHaveText(/^\s*0\.000000/);
  await expect(weight(2).first()).toHaveText(/^\s*1\.000000/);
  // And so its output is its own value.
  await expect(
    example.masks.getByRole('button', { name: '9.0000 output of query 2, column 1' }),
  ).toBeVisible();
});

test('sees what happens without √d_k', async ({ page, example }) => {
  await goToSection(page, 'Options');
  await tabTo(page, 'divided by');
  await page.keyboard.press('ArrowUp');
  await expect(example.masks.getByLabel('not divided')).toBeChecked();
  await expect(
    example.masks.getByRole('button', { name: '0.999089 weight of key 2 for query 1' }).first(),
  ).toBeVisible();
});

test('makes a row empty', async ({ page, example }) => {
  await goToSection(page, 'Options');
  await tabTo(page, /logit of query 1 and key 1/);
  for (const key of [1, 2]) {
    await tabTo(page, new RegExp(`key ${key}$`));
    await page.keyboard.press('Space');
  }
  await expect(example.masks).toContainText('Query 1 sees no key: weights and output are 0');
});

test('shares the result', async ({ page, example, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await tabTo(page, /^Q row 1 column 1/);
  await page.keyboard.type('7');
  await goToSection(page, 'Your matrices');
  await tabTo(page, 'Share this section');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Copy link');
  await page.keyboard.press('Enter');
  await expect(example.matrices).toContainText('Copied.');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const friend = await context.newPage();
  await friend.goto(link);
  await expect(friend.getByRole('textbox', { name: 'Q row 1 column 1' }).first()).toHaveValue('7');
});
