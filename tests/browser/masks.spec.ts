import { random } from '../page/random.ts';
import { attention } from '../page/reference.ts';
import { type ExamplePage, expect, halfUnit, test, toNumber } from './examplePage.ts';

const FOUR = random(11, 4, 4, 2, 2);

const shown = (example: ExamplePage, key: string) => example.text(example.cell(key, example.masks));

test('a check box hides a key from the selected query, and shows it again', async ({
  example,
  page,
}) => {
  await example.follow(FOUR);
  const cell = example.cell('masked:2:1', example.masks);
  const key = (number: number) => example.masks.getByRole('checkbox', { name: `key ${number}` });
  const before = await shown(example, 'masked:2:1');
  await cell.click();
  await expect(cell, 'a click explains').toHaveAttribute('aria-current', 'true');
  expect(await shown(example, 'masked:2:1')).toBe(before);
  await key(2).uncheck();
  await expect(cell).toContainText('−∞');
  expect(await shown(example, 'weights:2:1')).toBe('0.000000');
  expect(await shown(example, 'weightSum:2')).toBe('1.000000');
  await expect(example.masks).toContainText('Hidden: 1 of the 16 pairs');
  const expected = attention(FOUR, { sees: (i, j) => !(i === 2 && j === 1) });
  const output = await shown(example, 'output:2:0');
  expect(Math.abs(toNumber(output) - expected.output[2][0])).toBeLessThan(halfUnit(output) + 1e-5);

  await page.keyboard.press('Space');
  expect(await shown(example, 'masked:2:1')).toBe(before);
  await example.masks.getByLabel('Causal').check();
  await expect(key(4)).toBeDisabled();
  await key(1).uncheck();
  await expect(example.example, 'said where it is in force as well').toContainText(
    /Options from section \d apply here: causal mask, mask drawn by hand/,
  );
  await example.press('Show every key to every query');
  await expect(example.masks).toContainText('Every query sees every key.');
  await expect(example.example).not.toContainText('apply here');
});

test('at 360 px the divisor table shows every weight', async ({ page, example }) => {
  for (const width of [360, 320]) {
    await page.setViewportSize({ width, height: 740 });
    const table = example.masks.getByRole('table', { name: /with each divisor/ });
    const { right } = await table.evaluate((node) => node.getBoundingClientRect());
    expect(right, `${width} px`).toBeLessThanOrEqual(width);
  }
});
