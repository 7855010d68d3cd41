import { normalRows, seededNormal } from '../page/random.ts';
import { attention } from '../page/reference.ts';
import { expect, halfUnit, test, toNumber } from './examplePage.ts';
import { openSection, rowsOf } from './sectionPage.ts';

test('the depth is changed by keyboard, charts and tables follow, and nothing needs Math.random', async ({
  page,
}) => {
  await page.addInitScript(() => {
    Math.random = () => {
      throw new Error('Math.random was called');
    };
  });
  const section = await openSection(page, 'why-scale');
  await section.getByRole('textbox', { name: 'seed of the vectors' }).fill('31');
  await section.getByRole('slider', { name: 'depth' }).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  const depth = 512;
  const normal = seededNormal(31);
  const [q, k] = [normalRows(normal, 8, 1024), normalRows(normal, 8, 1024)].map((rows) =>
    rows.map((row) => row.slice(0, depth)),
  );
  const { products, weights } = attention({ q, k, v: k.map(() => [1]) });

  // A chart is right if its heights are one straight line of its numbers, downwards.
  const chart = section.getByRole('img', { name: /^Scores as they are: 64 scores/ });
  const dots = await chart
    .locator('circle')
    .evaluateAll((nodes) => nodes.map((node) => Number(node.getAttribute('cy'))));
  const scores = products.flat();
  expect(dots).toHaveLength(scores.length);
  const [low, high] = [scores.indexOf(Math.min(...scores)), scores.indexOf(Math.max(...scores))];
  const slope = (dots[high] - dots[low]) / (scores[high] - scores[low]);
  expect(slope).toBeLessThan(0);
  for (const [index, score] of scores.entries()) {
    expect(dots[index]).toBeCloseTo(dots[low] + slope * (score - scores[low]), 1);
  }

  const table = section.getByRole('table', { name: /divided by the root/ });
  for (const [key, cells] of (await rowsOf(table)).entries()) {
    const error = Math.abs(toNumber(cells[2]) - weights[0][key]);
    expect(error).toBeLessThanOrEqual(halfUnit(cells[2]) + 1e-5);
  }

  await section.getByRole('radio', { name: '100, 999, 1000' }).check();
  const naive = section.getByRole('table', { name: /^Nothing subtracted/ });
  expect((await rowsOf(naive)).map((cells) => cells[2])).toEqual(['NaN', 'NaN', 'NaN']);
  await expect(section).toContainText('∞ ÷ ∞ is not a number');
});
