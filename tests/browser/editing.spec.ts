import { expect, halfUnit, test, toNumber } from './examplePage.ts';
import { ARTICLE, attention } from './reference.ts';

test('an edit is followed at once', async ({ example }) => {
  await example.input('K', 1, 2).fill('2.75');
  const expected = attention({
    ...ARTICLE,
    k: [
      [1, 2.75],
      [2, 3],
    ],
  });
  for (const column of [0, 1]) {
    const text = await example.text(example.cell(`output:0:${column}`));
    const error = Math.abs(toNumber(text) - expected.output[0][column]);
    expect(error).toBeLessThanOrEqual(halfUnit(text) + 1e-5);
  }
  await expect(example.status).toContainText(await example.text(example.cell('output:0:0')));
});

const GOOD: [string, number][] = [
  [' 3 ', 3],
  ['+2', 2],
  ['.5', 0.5],
  ['5.', 5],
  ['-0', 0],
  ['−3', -3], // the minus that the page prints
  ['2e-1', 0.2],
  ['1E1', 10],
];

test('reads every way of writing a number, and leaves it as it was typed', async ({ example }) => {
  for (const [text, value] of GOOD) {
    await test.step(`"${text}"`, async () => {
      const input = example.input('Q', 1, 1);
      await input.fill(text);
      await expect(input).not.toHaveAttribute('aria-invalid');
      await expect(input).toHaveValue(text);
      expect(await example.read('products:0:0')).toBeCloseTo(value * 1 + 4 * 2, 5);
    });
  }
});

const BAD: [string, RegExp][] = [
  ['', /is empty/],
  ['   ', /is empty/],
  ['1,5', /Write 1\.5/],
  [',5', /Write 0\.5/],
  ['1e999', /Too large/],
  ['3.5e38', /Too large/],
  ['1e-60', /Too close to zero/],
  ['0x10', /decimal/],
  ['0b1', /decimal/],
  ['Infinity', /Not a number/],
  ['NaN', /Not a number/],
  ['1/2', /Not a number/],
  ['1 2', /Not a number/],
  ['1\t2', /Not a number/],
  ['1_000', /Not a number/],
  ['--1', /Not a number/],
  ['1e', /Not a number/],
  ['.', /Not a number/],
  ['٣', /Not a number/],
  ['alert(1)', /Not a number/],
  ['<img src=x onerror=alert(1)>', /Not a number/],
  ['9'.repeat(5000), /Too long/],
];

test('refuses what is no number, says why, and keeps the last good result', async ({ example }) => {
  const input = example.input('K', 1, 2);
  await input.fill('2.5');
  const before = await example.text(example.cell('output:0:0'));
  for (const [text, problem] of BAD) {
    await test.step(`"${text.slice(0, 30)}"`, async () => {
      await input.fill(text);
      await expect(input).toHaveAttribute('aria-invalid', 'true');
      await expect(input).toHaveAccessibleDescription(problem);
      await expect(example.example.locator('.problems').nth(1)).toBeVisible();
      await expect(example.status).toContainText('Results of the last good input');
      await expect(example.status).toContainText('K row 1 column 2');
      expect(await example.text(example.cell('output:0:0'))).toBe(before);
      expect(await example.text(example.number('k:0:1')), 'the formula is of it too').toBe('2.5');
    });
  }
  await input.fill('2');
  await expect(input).not.toHaveAttribute('aria-invalid');
  await expect(example.status).not.toContainText('last good');
  expect(await example.text(example.cell('output:0:0'))).toBe('8.9859');
});

test('several wrong cells are each named, and all must be mended', async ({ example }) => {
  await example.input('Q', 1, 1).fill('x');
  await example.input('V', 2, 2).fill('');
  await expect(example.status).toContainText('Q row 1 column 1, V row 2 column 2');
  await example.input('Q', 1, 1).fill('3');
  await expect(example.status).toContainText('V row 2 column 2');
  await expect(example.status).not.toContainText('Q row 1');
  await expect(example.input('Q', 1, 1)).not.toHaveAttribute('aria-invalid');
  await example.press('Reset to the article’s numbers');
  await expect(example.status).not.toContainText('last good');
  await expect(example.input('V', 2, 2)).toHaveValue('10');
});

test('while a cell is wrong the rest goes on with its last good number', async ({ example }) => {
  await example.input('K', 1, 1).fill('x');
  await example.press('Add a query');
  await example.press('Add a column of V');
  await expect(example.status).toContainText('K row 1 column 1');
  await expect(example.input('K', 1, 1)).toHaveValue('x');
  expect(await example.text(example.cell('output:0:0')), 'with 1 in its place').toBe('8.9859');
  await expect(example.cell('output:1:2')).toBeVisible();
  await example.input('K', 1, 1).fill('1');
  await expect(example.status).not.toContainText('last good');
});

test('arrow keys move between the cells and leave the text its own', async ({ example, page }) => {
  const at = (matrix: 'Q' | 'K' | 'V', row: number, column: number) =>
    expect(example.input(matrix, row, column)).toBeFocused();
  await example.input('K', 1, 1).fill('12');
  await page.keyboard.press('ArrowDown');
  await at('K', 2, 1);
  await page.keyboard.press('ArrowDown');
  await at('K', 2, 1);
  await page.keyboard.press('ArrowUp');
  await at('K', 1, 1);
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await at('K', 1, 1); // between the two figures
  await page.keyboard.type('.');
  await expect(example.input('K', 1, 1)).toHaveValue('1.2');
  await page.keyboard.press('ArrowRight');
  await at('K', 1, 1);
  await page.keyboard.press('ArrowRight');
  await at('K', 1, 2);
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await at('K', 1, 1);
});
