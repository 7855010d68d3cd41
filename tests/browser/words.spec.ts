import { axeFindsNothing } from './axe.ts';
import { ExamplePage, expect, test } from './examplePage.ts';

test.setTimeout(90_000);

const BANK = 'number 1 of the vector of bank';

test('by keyboard alone: the word “bank” changes, its query changes, and it asks in the worked example', async ({
  example,
  page,
}) => {
  const words = page.locator('#words');
  await page.getByRole('link', { name: 'Words to Q, K, V' }).first().focus();
  await page.keyboard.press('Enter');
  await expect(words.getByRole('heading', { level: 2 })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(
    words.getByRole('textbox', { name: 'number 1 of the vector of river' }),
  ).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(words.getByRole('textbox', { name: BANK })).toBeFocused();
  await page.keyboard.type('1');
  const query = words.locator('[data-cell="q:1:0"]');
  await expect(query).toHaveText(/^\s*4\s/);
  await expect(words).toContainText('“bank” asks with [4 3]');
  await expect(words).toContainText('no longer the article’s');

  await query.focus();
  await expect(words.getByRole('group', { name: /formula/ })).toContainText(
    /Number 1 of the query of “bank”/,
  );
  await words.getByRole('link', { name: /This is the worked example/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#example h2')).toBeFocused();
  await expect(example.input('Q', 1, 1)).toHaveValue('4');
  await expect(example.example.getByRole('rowheader', { name: /river/ }).first()).toBeVisible();

  await page.goBack();
  await expect(example.input('Q', 1, 1)).toHaveValue('3');
  await expect(words.getByRole('textbox', { name: BANK }), 'the word stays changed').toHaveValue(
    '1',
  );
  await page.keyboard.press('Control+Z');
  await expect(words.getByRole('textbox', { name: BANK })).toHaveValue('0');
  await expect(words).toContainText('exactly the article’s query, keys and values');
});

test('a shared state of every section is seen again from its link', async ({ page, context }) => {
  const states: [section: string, hash: string, seen: (shown: ExamplePage) => Promise<void>][] = [
    [
      'words',
      '#qkv=1&words.x=1,1,2,1&at=words',
      async ({ page }) => expect(page.locator('#words [data-cell="q:1:0"]')).toHaveText(/^\s*5\s/),
    ],
    [
      'large',
      '#qkv=1&large.seed=9&large.pattern=causal&large.query=3&at=large',
      async ({ page }) => expect(page.locator('#large')).toContainText('Query 4 gives key'),
    ],
    [
      'speed',
      '#qkv=1&tiles.width=1&tiles.read=2&at=speed',
      async ({ page }) => expect(page.locator('#speed .story')).toContainText(/2/),
    ],
    [
      'use',
      '#qkv=1&code.language=numpy&at=use',
      async ({ page }) => expect(page.locator('#use pre')).toContainText('import numpy'),
    ],
  ];
  for (const [section, hash, seen] of states) {
    const first = new ExamplePage(await context.newPage());
    await first.open(hash);
    await expect(first.page.locator(`#${section} h2`)).toBeInViewport();
    await seen(first);
    await first.page.locator(`#${section}`).getByRole('button', { name: 'Share this' }).click();
    const link = await first.page.getByLabel(/^A link to this section/).inputValue();
    expect(new URL(link).hash).toBe(hash);
    await first.page.close();
  }
  expect(page).toBeDefined();
});

test('axe finds nothing in section 2: changed, wrong, shared, dark, forced colours, 320 px', async ({
  example,
  page,
}) => {
  await expect(example.next).toBeVisible();
  const words = page.locator('#words');
  await words.getByRole('textbox', { name: BANK }).fill('x');
  await expect(words.getByText(/Not a number/)).toBeVisible();
  await words.getByRole('button', { name: 'Share this section' }).click();
  await axeFindsNothing(page, '#words');
  await page.setViewportSize({ width: 320, height: 700 });
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  await page.emulateMedia({ colorScheme: 'dark' });
  await axeFindsNothing(page, '#words');
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
  await axeFindsNothing(page, '#words');
});

test('forced colours: what is next to do has a label, what is chosen has a line', async ({
  example,
  page,
}) => {
  await page.emulateMedia({ forcedColors: 'active' });
  const next = page.getByRole('link', { name: /^Next: / }).first();
  const { color, background, adjust } = await next.evaluate((node) => {
    const style = getComputedStyle(node);
    return {
      color: style.color,
      background: style.backgroundColor,
      adjust: style.getPropertyValue('forced-color-adjust'),
    };
  });
  expect(adjust, 'no colour is put behind the letters').toBe('none');
  expect(color).not.toBe(background);
  await expect(example.masks.locator('th.chosen')).toHaveCSS('outline-style', 'solid');
  const pressed = example.matrices.locator('button[aria-pressed="true"]').first();
  await expect(pressed).toHaveCSS('outline-style', 'solid');
});

test('on paper: all four steps, nothing that is being loaded, no empty table', async ({
  example,
  page,
}) => {
  await example.input('Q', 1, 1).fill('5');
  await page.emulateMedia({ media: 'print' });
  const steps = page.locator('#example .printed');
  await expect(steps.getByRole('heading', { level: 3 })).toHaveCount(4);
  await expect(steps.getByRole('table'), 'Q, K, V and a result of each').toHaveCount(7);
  await expect(steps.getByRole('math').first()).toBeVisible();
  // 5 × 1 + 4 × 2 and 5 × 2 + 4 × 3
  for (const score of ['13', '22'])
    await expect(steps.getByRole('cell', { name: score, exact: true })).toBeVisible();
  await expect(page.getByText('is being loaded').filter({ visible: true })).toHaveCount(0);
  const empty = await page
    .locator('table:visible')
    .evaluateAll(
      (tables) =>
        tables.filter(
          (table) => !table.querySelector('input') && !/\d/.test((table as HTMLElement).innerText),
        ).length,
    );
  expect(empty).toBe(0);
  await page.emulateMedia({ media: 'screen' });
  await expect(steps).toHaveCount(0);
});
