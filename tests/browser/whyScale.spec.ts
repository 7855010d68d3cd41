import { expect, halfUnit, type Locator, type Page, test, toNumber } from './examplePage.ts';
import { normalRows, seededNormal } from './random.ts';
import { attention } from './reference.ts';
import { openSection, rowsOf } from './sectionPage.ts';

/** The page's own, before the reader changes it. */
const SEED = 40;
const POWERS = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

interface Vectors {
  q: number[][];
  k: number[][];
}

function vectorsOf(seed: number): Vectors {
  const normal = seededNormal(seed);
  return { q: normalRows(normal, 8, 1024), k: normalRows(normal, 8, 1024) };
}

/** Scores and weights of the first `depth` columns, in double precision. */
function solve({ q, k }: Vectors, depth: number) {
  const cut = (rows: number[][]) => rows.map((row) => row.slice(0, depth));
  return attention({ q: cut(q), k: cut(k), v: k.map(() => [1]) });
}

function spreadOf(scores: number[][]): number {
  const numbers = scores.flat();
  return Math.sqrt(numbers.reduce((sum, score) => sum + score * score, 0) / numbers.length);
}

/** As printed, within its rounding and what sums of a thousand products lose in single precision. */
function expectPrinted(text: string, wanted: number, name: string): void {
  const tolerance = halfUnit(text) + 1e-5 * Math.max(1, Math.abs(wanted));
  expect(
    Math.abs(toNumber(text) - wanted),
    `${name} shows ${text}, is ${wanted}`,
  ).toBeLessThanOrEqual(tolerance);
}

async function expectSpreads(section: Locator, vectors: Vectors): Promise<void> {
  const rows = await rowsOf(section.getByRole('table', { name: /How far the scores spread/ }));
  expect(rows.map(([depth]) => Number(depth))).toEqual(POWERS);
  for (const [depth, root, raw, scaled] of rows) {
    const solution = solve(vectors, Number(depth));
    expectPrinted(root, Math.sqrt(Number(depth)), `root of ${depth}`);
    expectPrinted(raw, spreadOf(solution.products), `spread at ${depth}`);
    expectPrinted(scaled, spreadOf(solution.scaled), `divided spread at ${depth}`);
  }
}

async function expectWeights(section: Locator, vectors: Vectors, depth: number): Promise<void> {
  const divided = solve(vectors, depth);
  // Scores that are to be taken as they are: those of vectors so long that the root cancels out.
  const undivided = attention({
    q: [[1]],
    k: divided.products[0].map((score) => [score]),
    v: divided.products[0].map(() => [1]),
  });
  const cases: [RegExp, number[], number[]][] = [
    [/scores as they are/, divided.products[0], undivided.weights[0]],
    [/divided by the root/, divided.scaled[0], divided.weights[0]],
  ];
  for (const [name, scores, weights] of cases) {
    const table = section.getByRole('table', { name });
    for (const [key, cells] of (await rowsOf(table)).entries()) {
      expectPrinted(cells[1], scores[key], `score of key ${key + 1}`);
      // An error of the score is one of the weight, in proportion.
      expectPrinted(cells[2], weights[key], `weight of key ${key + 1}`);
    }
    const [[, sum]] = await rowsOf(table, 'tfoot');
    expect(sum).toBe('1.000000');
  }
}

test.describe('why scores are divided by √d_k', () => {
  test('every spread, score and weight can be found again', async ({ page }) => {
    const section = await openSection(page, 'why-scale');
    const vectors = vectorsOf(SEED);
    await expectSpreads(section, vectors);
    const slider = section.getByRole('slider', { name: 'depth' });
    await slider.focus();
    await page.keyboard.press('Home');
    for (const depth of POWERS) {
      await expect(slider).toHaveAttribute('aria-valuetext', String(depth));
      await expectWeights(section, vectors, depth);
      await page.keyboard.press('ArrowRight');
    }
  });

  test('undivided, one key takes everything as the vectors grow; divided, none does', async ({
    page,
  }) => {
    const section = await openSection(page, 'why-scale');
    await section.getByRole('slider', { name: 'depth' }).focus();
    await page.keyboard.press('End');
    const largest = async (name: RegExp) => {
      const rows = await rowsOf(section.getByRole('table', { name }));
      return Math.max(...rows.map((cells) => toNumber(cells[2])));
    };
    expect(await largest(/scores as they are/)).toBeGreaterThan(0.999);
    expect(await largest(/divided by the root/)).toBeLessThan(0.5);
  });

  test('the same seed draws the same vectors, another draws others', async ({ page }) => {
    const section = await openSection(page, 'why-scale');
    const seed = section.getByRole('textbox', { name: 'seed of the vectors' });
    await seed.fill('123456');
    await expectSpreads(section, vectorsOf(123456));
    await section.getByRole('button', { name: 'Draw again the vectors' }).click();
    await expect(seed).toHaveValue('123457');
    await expectSpreads(section, vectorsOf(123457));
  });

  test('what is no seed is refused, and the last good one stays', async ({ page }) => {
    const section = await openSection(page, 'why-scale');
    const seed = section.getByRole('textbox', { name: 'seed of the vectors' });
    for (const text of ['', '1,5', '0x10', '1e999', '-1', '2.5', '1000000', 'seven']) {
      await seed.fill(text);
      await expect(seed, text).toHaveAttribute('aria-invalid', 'true');
      await expect(seed, text).toHaveAccessibleDescription(/\w/);
      await expectSpreads(section, vectorsOf(SEED));
    }
    await seed.fill(' 3e1 ');
    await expect(seed).not.toHaveAttribute('aria-invalid');
    await expectSpreads(section, vectorsOf(30));
  });

  test('the charts are drawn from the scores, and say where to read them', async ({ page }) => {
    const section = await openSection(page, 'why-scale');
    const chart = section.getByRole('img', { name: /^Scores as they are: 64 scores/ });
    const dots = await chart
      .locator('circle')
      .evaluateAll((nodes) => nodes.map((node) => Number(node.getAttribute('cy'))));
    const scores = solve(vectorsOf(SEED), 64).products.flat();
    expect(dots).toHaveLength(scores.length);
    // A chart is right if its heights are one straight line of its numbers, downwards.
    const [low, high] = [scores.indexOf(Math.min(...scores)), scores.indexOf(Math.max(...scores))];
    const slope = (dots[high] - dots[low]) / (scores[high] - scores[low]);
    expect(slope).toBeLessThan(0);
    for (const [index, score] of scores.entries()) {
      expect(dots[index]).toBeCloseTo(dots[low] + slope * (score - scores[low]), 1);
    }
  });

  test('a prediction is answered with the numbers of the table', async ({ page }) => {
    const section = await openSection(page, 'why-scale');
    await section.getByRole('button', { name: 'Sixteen times' }).click();
    const answer = section.getByText('No: Four times.').locator('..');
    await expect(answer).toBeVisible();
    const rows = await rowsOf(section.getByRole('table', { name: /How far the scores spread/ }));
    for (const depth of ['64', '1024']) {
      const spread = rows.find(([first]) => first === depth)?.[2] ?? 'none';
      await expect(answer).toContainText(spread);
    }
    await section.getByRole('button', { name: 'Four times', exact: true }).click();
    await expect(section.getByText('Yes.')).toBeVisible();
  });
});

const naive = (section: Locator) => section.getByRole('table', { name: /^Nothing subtracted/ });
const stable = (section: Locator) =>
  section.getByRole('table', { name: /^The maximum subtracted/ });

async function typeScores(section: Locator, scores: readonly string[]): Promise<void> {
  for (const [index, text] of scores.entries()) {
    await section.getByRole('textbox', { name: `score ${index + 1}` }).fill(text);
  }
}

async function expectStable(section: Locator, scores: number[]): Promise<void> {
  const max = Math.max(...scores);
  const exponentials = scores.map((score) => Math.exp(score - max));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  for (const [index, cells] of (await rowsOf(stable(section))).entries()) {
    expect(toNumber(cells[0])).toBeCloseTo(scores[index], 4);
    expectPrinted(cells[1], scores[index] - max, 'score less the maximum');
    expectPrinted(cells[2], exponentials[index], 'exponential');
    expectPrinted(cells[3], exponentials[index] / sum, 'weight');
  }
  const [[, printedSum]] = await rowsOf(stable(section), 'tfoot');
  expectPrinted(printedSum, sum, 'sum');
}

const column = (rows: string[][], index: number) => rows.map((cells) => cells[index]);

test.describe('why the maximum is subtracted', () => {
  test('small scores: both ways agree', async ({ page }) => {
    const section = await openSection(page, 'why-scale');
    await expectStable(section, [1, 2, 3]);
    const rows = await rowsOf(naive(section));
    expect(column(rows, 2)).toEqual(column(await rowsOf(stable(section)), 3));
    for (const [index, text] of column(rows, 1).entries()) {
      expectPrinted(text, Math.exp(index + 1), 'exponential');
    }
    await expect(section).toContainText('both ways give the same weights');
  });

  test('100, 999, 1000: ∞ ÷ ∞ is NaN on one side, right on the other', async ({ page }) => {
    const section = await openSection(page, 'why-scale');
    await section.getByRole('radio', { name: '100, 999, 1000' }).check();
    const rows = await rowsOf(naive(section));
    expect(column(rows, 1)).toEqual(['∞', '∞', '∞']);
    expect(column(rows, 2)).toEqual(['NaN', 'NaN', 'NaN']);
    await expect(section).toContainText('∞ ÷ ∞ is not a number');
    await expectStable(section, [100, 999, 1000]);
    expect(column(await rowsOf(stable(section)), 3)[2]).toBe('0.731059');
  });

  test('far below zero: 0 ÷ 0 is NaN on one side, right on the other', async ({ page }) => {
    const section = await openSection(page, 'why-scale');
    await section.getByRole('radio', { name: '−200, −201, −202' }).check();
    const rows = await rowsOf(naive(section));
    expect(column(rows, 1)).toEqual(['0.000000', '0.000000', '0.000000']);
    expect(column(rows, 2)).toEqual(['NaN', 'NaN', 'NaN']);
    await expect(section).toContainText('0 ÷ 0 is not a number');
    await expectStable(section, [-200, -201, -202]);
  });

  test('exponentials that fit but whose sum does not', async ({ page }) => {
    const section = await openSection(page, 'why-scale');
    await typeScores(section, ['88.7', '88.7', '88.6']);
    expect(column(await rowsOf(naive(section)), 2)).toEqual(['0.000000', '0.000000', '0.000000']);
    expect((await rowsOf(naive(section), 'tfoot'))[0][1]).toBe('∞');
    await expect(section).toContainText('their sum does not');
    await expectStable(section, [88.7, 88.7, 88.6].map(Math.fround));
  });

  test('says where single precision ends', async ({ page }) => {
    const section = await openSection(page, 'why-scale');
    // IEEE 754: (2 − 2⁻²³)·2¹²⁷, and its logarithm.
    await expect(section).toContainText('3.403e38');
    await expect(section).toContainText('88.72');
  });

  test('what is no score is refused, and the last good ones stay', async ({ page }) => {
    const section = await openSection(page, 'why-scale');
    await typeScores(section, ['4', '5']);
    const before = await rowsOf(stable(section));
    const input = section.getByRole('textbox', { name: 'score 2' });
    for (const text of ['', '1,5', '0x10', '1e999', 'NaN', 'alert(1)']) {
      await input.fill(text);
      await expect(input, text).toHaveAttribute('aria-invalid', 'true');
      await expect(input, text).toHaveAccessibleDescription(/Score 2: .*last good scores stay/);
      expect(await rowsOf(stable(section))).toEqual(before);
    }
    await input.fill('-7');
    await expectStable(section, [4, -7, 3]);
  });
});

/** Every number is drawn from a seed: without Math.random nothing is missing. */
test('nothing is drawn by Math.random', async ({ page }) => {
  await forbidRandom(page);
  const section = await openSection(page, 'why-scale');
  await expectSpreads(section, vectorsOf(SEED));
});

async function forbidRandom(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Math.random = () => {
      throw new Error('Math.random was called');
    };
  });
}
