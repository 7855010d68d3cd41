import { random } from '../page/random.ts';
import { attention } from '../page/reference.ts';
import { type ExamplePage, expect, halfUnit, test, toNumber } from './examplePage.ts';

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
    'Options from section 3 apply here: mask drawn by hand',
  );
  await example.press('Show every key to every query');
  await expect(example.masks).toContainText('Every query sees every key.');
  await expect(example.example).not.toContainText('apply here');
});
