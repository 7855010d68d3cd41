import { ARTICLE, attention } from '../page/reference.ts';
import { expect, halfUnit, test, toNumber } from './examplePage.ts';

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

const BAD: [string, RegExp][] = [
  ['1,5', /Write 1\.5/],
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
