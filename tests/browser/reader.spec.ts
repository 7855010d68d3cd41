import { expect, type Page, test } from './examplePage.ts';

test.setTimeout(60_000);

/**
 * What somebody can do who has never seen the page: by what is written on it and the keyboard alone.
 * Tab until something of that name has the focus.
 */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let i = 0; i < 400; i++) {
    await page.keyboard.press('Tab');
    const label = await page.evaluate(() => {
      const node = document.activeElement as HTMLInputElement;
      const text =
        node.getAttribute('aria-label') ?? node.labels?.[0]?.textContent ?? node.textContent ?? '';
      return text.replace(/\s+/g, ' ').trim();
    });
    if (typeof name === 'string' ? label.startsWith(name) : name.test(label)) return;
  }
  throw new Error(`Tab never comes to ${name}`);
}

async function goToSection(page: Page, name: string): Promise<void> {
  await tabTo(page, new RegExp(`^\\d ${name}`));
  await page.keyboard.press('Enter');
}

test('finds why the article’s 0.2 and 0.8 differ', async ({ page, example }) => {
  await expect(example.next).toBeVisible();
  const heading = page.getByRole('heading', { name: 'Why the article has other numbers' });
  await heading.scrollIntoViewIfNeeded();
  const section = page.getByRole('region', { name: 'Why the article has other numbers' });
  await expect(section).toContainText('it assumes the weights 0.2 and 0.8, which it calls chances');
  await expect(section).toContainText('not the softmax of its scores');
  await expect(section.getByRole('row', { name: /weight/ }).first()).toContainText('0.007035');
  await goToSection(page, 'Masks, scale, heads');
  await tabTo(page, 'Divide by');
  await page.keyboard.press('Enter');
  const output = example.masks.getByRole('button', { name: '8.6000 output of query 1, column 1' });
  await expect(output.first()).toBeVisible();
});

test('makes the second token attend only to itself', async ({ page, example }) => {
  await goToSection(page, 'Masks, scale, heads');
  await tabTo(page, 'Add a second query');
  await page.keyboard.press('Enter');
  await tabTo(page, /logit of query 1 and key 1/);
  await page.keyboard.press('ArrowDown');
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
  await goToSection(page, 'Masks, scale, heads');
  await tabTo(page, 'divided by');
  await page.keyboard.press('ArrowUp');
  await expect(example.masks.getByLabel('not divided')).toBeChecked();
  await expect(
    example.masks.getByRole('button', { name: '0.999089 weight of key 2 for query 1' }).first(),
  ).toBeVisible();
});

test('makes a row empty', async ({ page, example }) => {
  await goToSection(page, 'Masks, scale, heads');
  await tabTo(page, /logit of query 1 and key 1/);
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(example.masks).toContainText('Query 1 sees no key: weights and output are 0');
});

test('shares the result', async ({ page, example, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await tabTo(page, /^Q row 1 column 1/);
  await page.keyboard.type('7');
  await goToSection(page, 'Your matrices');
  await tabTo(page, 'Copy link');
  await page.keyboard.press('Enter');
  await expect(example.matrices).toContainText('Copied.');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const friend = await context.newPage();
  await friend.goto(link);
  await expect(friend.getByRole('textbox', { name: 'Q row 1 column 1' }).first()).toHaveValue('7');
});
