import { expect, test } from './examplePage.ts';
import { attention } from './reference.ts';

const SIDES = [
  ['query', 'queries'],
  ['key and its value', 'keys and values'],
  ['column of Q and K', 'depth of Q and K'],
  ['column of V', 'columns of V'],
];

test('each side grows to twelve and shrinks to one', async ({ example, page }) => {
  for (const [one, label] of SIDES) {
    const add = page.getByRole('button', { name: `Add a ${one}` });
    const remove = page.getByRole('button', { name: `Remove a ${one}` });
    await example.size(one, label, 12);
    await expect(add).toHaveAttribute('aria-disabled', 'true');
    await example.pressAnyway(add);
    await expect(example.count(label)).toHaveText('12');
    await example.size(one, label, 1);
    await expect(remove).toHaveAttribute('aria-disabled', 'true');
    await example.pressAnyway(remove);
    await expect(example.count(label)).toHaveText('1');
  }
});

test('keys and values, and the columns of Q and K, go together', async ({ example }) => {
  await example.press('Add a key and its value');
  await expect(example.input('K', 3, 2)).toHaveValue('0');
  await expect(example.input('V', 3, 2)).toHaveValue('0');
  await example.press('Add a column of Q and K');
  await expect(example.input('Q', 1, 3)).toHaveValue('0');
  await expect(example.input('K', 3, 3)).toHaveValue('0');
  await expect(example.input('V', 1, 3)).toHaveCount(0);
  const expected = attention({
    q: [[3, 4, 0]],
    k: [
      [1, 2, 0],
      [2, 3, 0],
      [0, 0, 0],
    ],
    v: [
      [7, 8],
      [9, 10],
      [0, 0],
    ],
  });
  expect(await example.read('output:0:0')).toBeCloseTo(expected.output[0][0], 4);
});

test('a query of zeros attends to every key alike', async ({ example }) => {
  await example.press('Add a query');
  await example.goToStep(3);
  expect(await example.text(example.cell('weights:1:0'))).toBe('0.500000');
  expect(await example.text(example.cell('weightSum:1'))).toBe('1.000000');
});

test('the selection stays inside when the matrix shrinks under it', async ({ example, page }) => {
  await example.press('Add a query', 2);
  await example.press('Add a key and its value', 2);
  await example.cell('products:2:3').click();
  await expect(page.getByText('Score of query 3 and key 4', { exact: true })).toBeVisible();
  await example.press('Remove a query', 2);
  await example.press('Remove a key and its value', 2);
  await expect(page.getByText('Score of query 1 and key 2', { exact: true })).toBeVisible();
  expect(await example.text(example.number('products:0:1'))).toBe('18');
});

test('Reset to the article’s numbers undoes every change', async ({ example }) => {
  await example.press('Add a query');
  await example.press('Add a column of V');
  await example.input('Q', 1, 1).fill('-5');
  await example.press('Reset to the article’s numbers');
  await expect(example.input('Q', 1, 1)).toHaveValue('3');
  await expect(example.input('Q', 2, 1)).toHaveCount(0);
  expect(await example.text(example.cell('output:0:1'))).toBe('9.9859');
});
