import { expect, test, toNumber } from './examplePage.ts';
import { ARTICLE, type Problem } from './reference.ts';

test('the article’s assumption stands beside what its scores give', async ({ page, example }) => {
  await expect(example.cell('output:0:0')).toBeVisible();
  const section = page.getByRole('region', { name: 'Why the article has other numbers' });
  const rows = await section
    .locator('tbody tr')
    .evaluateAll((nodes) =>
      nodes.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)),
    );
  expect(rows).toEqual([
    ['0.2', '0.007035', '0.200000'],
    ['0.8', '0.992965', '0.800000'],
    ['8.6000', '8.9859', '8.6000'],
    ['9.6000', '9.9859', '9.6000'],
  ]);
  // semantics.md: a difference of ln 4 = 1.386, scores divided by 5.05, d_k = 25.5.
  await expect(section).toContainText('= 1.3863');
  await expect(section).toContainText('= 5.0494');
  await expect(section).toContainText('were 25.5');
});

test('it follows the reader’s own numbers, and says so', async ({ page, example }) => {
  await example.input('Q', 1, 2).fill('-0.5');
  const section = page.getByRole('region', { name: 'Why the article has other numbers' });
  await expect(section).toContainText('from your numbers');
  const divisor = (3 - 0.5) / Math.log(4);
  await expect(section).toContainText(`= ${divisor.toFixed(4)}`);
  const confirmed = section.locator('tbody tr').nth(1).locator('td').nth(2);
  expect(toNumber((await confirmed.textContent()) ?? '')).toBeCloseTo(0.8, 5);
});

const WITHOUT: [string, Problem, RegExp][] = [
  [
    'three keys',
    {
      ...ARTICLE,
      k: [
        [1, 2],
        [2, 3],
        [0, 0],
      ],
      v: [[7], [9], [1]],
    },
    /there are 3 keys/,
  ],
  ['one key', { q: [[3, 4]], k: [[1, 2]], v: [[7]] }, /there is one key/],
  ['equal scores', { ...ARTICLE, q: [[0, 0]] }, /both weights are a half/],
  [
    'the first score larger',
    {
      ...ARTICLE,
      k: [
        [9, 2],
        [2, 3],
      ],
    },
    /first key has the larger/,
  ],
  [
    'overflow',
    {
      q: [[1e38, 1]],
      k: [
        [1, 1],
        [1e38, 1],
      ],
      v: [[7], [9]],
    },
    /overflow/,
  ],
];

test('explains instead of comparing where no scale can give those weights', async ({
  page,
  example,
}) => {
  const section = page.getByRole('region', { name: 'Why the article has other numbers' });
  for (const [name, problem, says] of WITHOUT) {
    await test.step(name, async () => {
      await example.follow(problem);
      await expect(section).toContainText(says);
      await expect(section.getByRole('table')).toHaveCount(0);
      await expect(section).not.toContainText('NaN');
      await expect(section).not.toContainText('∞');
    });
  }
});
