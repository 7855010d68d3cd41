import { type ExamplePage, expect, halfUnit, test, toNumber } from './examplePage.ts';
import { attention, random } from './reference.ts';

const FOUR = random(11, 4, 4, 2, 2);

const shown = (example: ExamplePage, key: string) => example.text(example.cell(key, example.masks));

test('a click, Space or Enter hides a key from a query, and shows it again', async ({
  example,
  page,
}) => {
  await example.follow(FOUR);
  const cell = example.cell('masked:2:1', example.masks);
  const before = await shown(example, 'masked:2:1');
  await cell.click();
  await expect(cell).toHaveAttribute('aria-pressed', 'true');
  await expect(cell).toHaveAccessibleName(/−∞ .*hidden by hand/);
  expect(await shown(example, 'weights:2:1')).toBe('0.000000');
  expect(await shown(example, 'weightSum:2')).toBe('1.000000');
  await expect(example.masks).toContainText('Hidden: 1 of the 16 pairs');
  const expected = attention(FOUR, { sees: (i, j) => !(i === 2 && j === 1) });
  const output = await shown(example, 'output:2:0');
  expect(Math.abs(toNumber(output) - expected.output[2][0])).toBeLessThan(halfUnit(output) + 1e-5);

  await page.keyboard.press('Space');
  await expect(cell).toHaveAttribute('aria-pressed', 'false');
  expect(await shown(example, 'masked:2:1')).toBe(before);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(example.cell('masked:2:2', example.masks)).toHaveAttribute('aria-pressed', 'true');
  await expect(example.example, 'said where it is in force as well').toContainText(
    'In force from section 3: mask drawn by hand',
  );
  await example.press('Show every key to every query');
  await expect(example.masks).toContainText('Every query sees every key.');
  await expect(example.example).not.toContainText('In force');
});

test('causal, window and hand work together, and each says who hid the key', async ({
  example,
}) => {
  await example.follow(FOUR);
  await example.masks.getByLabel('Causal').check();
  await example.cell('masked:3:3', example.masks).click();
  await example.press('See fewer keys before', 3);
  await expect(example.count('keys before its own')).toHaveText('1');
  const expected = attention(FOUR, {
    sees: (i, j) => j <= i && j >= i - 1 && !(i === 3 && j === 3),
  });
  for (const [i, row] of expected.weights.entries()) {
    for (const [j, weight] of row.entries()) {
      const text = await shown(example, `weights:${i}:${j}`);
      expect(Math.abs(toNumber(text) - weight), `${i}, ${j}`).toBeLessThan(2e-6);
    }
  }
  await expect(example.cell('masked:0:1', example.masks)).toHaveAccessibleName(
    /hidden by position/,
  );
  await expect(example.cell('masked:3:3', example.masks)).toHaveAccessibleName(/hidden by hand/);
  await example.press('See more keys before', 3);
  await expect(example.count('keys before its own')).toHaveText('all');
  await expect(example.page.getByRole('button', { name: 'See more keys before' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
});

test('a row with no key left is zeros, and explained where its number is', async ({ example }) => {
  await example.press('An empty row');
  for (const key of ['weights:1:0', 'weights:1:1', 'weightSum:1']) {
    expect(await shown(example, key)).toBe('0.000000');
  }
  expect(await shown(example, 'output:1:1')).toBe('0.0000');
  await expect(example.masks).toContainText('Query 2 sees no key');
  await example.cell('weights:1:0', example.masks).click();
  await expect(example.masks).toContainText('No key is left for query 2');
  await example.goToStep(3);
  await expect(example.example.locator('.numbers')).toContainText('No key is left for query 2');
  await expect(example.status).toContainText('query 2 sees no key and receives 0.0000, 0.0000');
  await expect(example.page.locator('main')).not.toContainText('NaN');
});

test('hover shows what focus shows, in each matrix of the figure', async ({ example, page }) => {
  await example.follow(FOUR, '&causal=1');
  const seen = () =>
    example.masks.evaluate((section) => ({
      lit: [...section.querySelectorAll<HTMLElement>('.lit')].map(
        ({ dataset }) => dataset.cell ?? dataset.number,
      ),
      tinted: [...section.querySelectorAll<HTMLElement>('.operand')].map((n) => n.dataset.cell),
      formula: section.querySelector('.formula')?.textContent,
    }));
  const nowhere = async () => {
    await page.mouse.move(0, 0);
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  };
  for (const key of ['masked:2:1', 'masked:0:3', 'rowMax:3', 'weights:3:0', 'output:1:1']) {
    await example.cell('weights:0:0', example.masks).focus();
    await nowhere();
    const start = await seen();
    await example.cell(key, example.masks).hover();
    const hovered = await seen();
    expect(hovered.lit).toContain(key);
    await nowhere();
    expect(await seen(), 'a hover leaves no trace').toEqual(start);
    await example.cell(key, example.masks).focus();
    expect(await seen(), key).toEqual(hovered);
  }
  // The numbers of a formula light their cells.
  await example.cell('weights:3:0', example.masks).focus();
  for (const key of ['masked:3:2', 'rowMax:3', 'weights:3:0']) {
    await nowhere();
    await example.number(key, example.masks).first().focus();
    await expect(example.cell(key, example.masks)).toHaveClass(/\blit\b/);
  }
  await example.cell('masked:1:0', example.masks).focus();
  await example.number('q:1:1', example.masks).hover();
  await expect(example.cell('q:1:1')).toHaveClass(/\blit\b/);
});

test('the divisors stand side by side, and the chosen one is in force', async ({ example }) => {
  const table = example.masks.getByRole('table', { name: '' }).filter({ hasText: 'not divided' });
  const rows = () =>
    table
      .locator('tbody tr')
      .evaluateAll((nodes) =>
        nodes.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent?.trim())),
      );
  // semantics.md, "The worked example".
  expect((await rows()).slice(0, 2)).toEqual([
    ['0.000911', '0.999089', '1.000000', '8.9982', '9.9982'],
    ['0.007035', '0.992965', '1.000000', '8.9859', '9.9859'],
  ]);
  await expect(example.masks).toContainText('the root of 25.5');
  await example.press('Divide by 5.0494');
  expect((await rows())[2]).toEqual(['0.200000', '0.800000', '1.000000', '8.6000', '9.6000']);
  expect(await example.text(example.cell('output:0:0'))).toBe('8.6000');
  await expect(example.masks.getByRole('radio', { name: 'divided by', exact: true })).toBeChecked();

  const own = example.masks.getByLabel('Divisor of your own');
  await own.fill('0');
  await expect(own).toHaveAccessibleDescription(/greater than 0/);
  await own.fill('1,5');
  await expect(own).toHaveAccessibleDescription(/Write 1\.5/);
  expect(await example.text(example.cell('output:0:0')), 'the last good one').toBe('8.6000');
  await own.fill('1e-38');
  await expect(example.status).toContainText('overflow');
  await own.fill('10');
  const expected = attention(
    {
      q: [[3, 4]],
      k: [
        [1, 2],
        [2, 3],
      ],
      v: [[7], [9]],
    },
    { divisor: 10 },
  );
  expect(await example.read('weights:0:0', example.masks)).toBeCloseTo(expected.weights[0][0], 5);

  await example.masks.getByLabel('not divided').check();
  await example.goToStep(2);
  expect(await example.text(example.cell('scaled:0:1'))).toBe('18.00000');
  await expect(example.example).toContainText('scores not divided');
  await example.masks.getByLabel('Softcap').check();
  await example.masks.getByLabel('at', { exact: true }).fill('2');
  const capped = attention(
    {
      q: [[3, 4]],
      k: [
        [1, 2],
        [2, 3],
      ],
      v: [[7], [9]],
    },
    { divisor: 1, softcap: 2 },
  );
  expect(await example.read('masked:0:0', example.masks)).toBeCloseTo(capped.masked[0][0], 4);
  await example.press('Switch off');
  expect(await example.text(example.cell('output:0:0'))).toBe('8.9859');
});

test('heads are added, grouped and looked at one by one', async ({ example, page }) => {
  await example.press('Add a head of queries', 3);
  await expect(example.count('heads of queries')).toHaveText('4');
  await expect(example.count('heads of keys and values'), 'each its own').toHaveText('4');
  await example.press('Fewer heads of keys and values');
  await expect(example.count('heads of keys and values')).toHaveText('2');
  await expect(example.masks).toContainText('Head 3, keys and values 2');
  await example.press('Remove a head of queries');
  await expect(example.count('heads of keys and values'), 'a divisor of 3').toHaveText('1');
  await example.matrices.getByRole('button', { name: 'Head 2' }).click();
  await expect(example.input('Q', 1, 1), 'turned by a column').toHaveValue('4');
  await example.input('Q', 1, 1).fill('-8');
  await example.matrices.getByRole('button', { name: 'Head 1' }).click();
  await expect(example.input('Q', 1, 1)).toHaveValue('3');
  await page.mouse.move(0, 0); // where nothing is pointed at
  await example.masks.locator('[data-head-cell="1:weights:0:0"]').focus();
  await expect(example.input('Q', 1, 1)).toHaveValue('-8');
  await expect(example.masks.getByText('Weight of key 1 for query 1, head 2').last()).toBeVisible();
  await example.press('Remove a head of queries', 2);
  await expect(page.getByRole('group', { name: 'Head shown' })).toHaveCount(0);
  await expect(example.input('Q', 1, 1)).toHaveValue('3');
});

test('questions are answered when they are asked, and not before', async ({ example }) => {
  const answer = example.masks.getByText('There is nothing to mix').first();
  await expect(answer).toBeHidden();
  await example.press('All equal');
  await expect(example.masks).toContainText('No: All 0.');
  await example.press('All 0');
  await expect(example.masks.getByText('Yes.', { exact: true })).toBeVisible();
  await example.masks.getByRole('button', { name: 'Hide every key from query 1' }).click();
  expect(await shown(example, 'weightSum:0')).toBe('0.000000');
  await example.press('Show every key to every query');
  await example.press('It grows');
  await expect(example.masks).toContainText(
    'For query 1 the largest weight is 0.999089 undivided, and 0.992965 divided by',
  );
});
