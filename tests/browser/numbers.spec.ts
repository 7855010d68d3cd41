import { type ExamplePage, expect, halfUnit, test, toNumber } from './examplePage.ts';
import { ARTICLE, attention, type Problem, seeded } from './reference.ts';

// The numbers of semantics.md, "The worked example", at the digits that the page prints.
test('shows the worked example step by step', async ({ example }) => {
  const shows = async (expected: Record<string, string>) => {
    for (const [key, text] of Object.entries(expected)) {
      expect(await example.text(example.cell(key)), key).toBe(text);
    }
  };
  await shows({ 'products:0:0': '11', 'products:0:1': '18' });
  await example.next.click();
  await shows({ 'scaled:0:0': '7.77817', 'scaled:0:1': '12.72792' });
  await example.next.click();
  await shows({
    'rowMax:0': '12.72792',
    'exponentials:0:1': '1.000000',
    'weights:0:0': '0.007035',
    'weights:0:1': '0.992965',
    'weightSum:0': '1.000000',
  });
  await example.next.click();
  await shows({ 'output:0:0': '8.9859', 'output:0:1': '9.9859', 'weightSum:0': '1.000000' });
});

const PROBLEMS: [string, Problem][] = [
  ['the article', ARTICLE],
  ['three queries, four keys', random(1, 3, 4, 3, 2)],
  ['one of everything', { q: [[2]], k: [[-1.5]], v: [[0.25]] }],
  [
    'negative and tiny numbers',
    {
      q: [[-3, 1e-3]],
      k: [
        [1.5, -2],
        [4, 0.5],
      ],
      v: [[-1], [1e-5]],
    },
  ],
  [
    'weights that underflow to the eye',
    {
      q: [[10]],
      k: [[1], [4]],
      v: [
        [1, -1],
        [2, -2],
      ],
    },
  ],
];

for (const [name, problem] of PROBLEMS) {
  test(`every displayed number can be found again: ${name}`, async ({ example }) => {
    await example.enter(problem);
    const expected = attention(problem);
    const queries = problem.q.length;
    for (const step of [1, 2, 3, 4]) {
      await example.goToStep(step);
      for (let query = 0; query < queries; query++) {
        // The contributions shown are those of the selected query.
        await example
          .cell(`${['products', 'scaled', 'weights', 'weights'][step - 1]}:${query}:0`)
          .click();
        await checkCells(example, expected, problem);
        await checkFormula(example);
      }
    }
  });
}

/** All cells on the page, each against double precision, within its printed rounding and float32. */
async function checkCells(
  example: ExamplePage,
  expected: ReturnType<typeof attention>,
  problem: Problem,
): Promise<void> {
  const cells = await example.page
    .locator('main button[data-cell]')
    .evaluateAll((nodes) =>
      nodes.map((node) => [
        (node as HTMLElement).dataset.cell ?? '',
        node.firstChild?.textContent?.trim() ?? '',
      ]),
    );
  expect(cells.length).toBeGreaterThan(problem.q.length);
  for (const [key, text] of cells) {
    const wanted = valueAt(expected, key);
    const largest = Math.max(1, ...problem.v.flat().map(Math.abs), Math.abs(wanted));
    const tolerance = halfUnit(text) + 2e-6 * largest;
    expect(
      Math.abs(toNumber(text) - wanted),
      `${key} shows ${text}, is ${wanted}`,
    ).toBeLessThanOrEqual(tolerance);
  }
}

/** A number in the formula is printed exactly as the cell that it stands in. */
async function checkFormula(example: ExamplePage): Promise<void> {
  const numbers = example.page.locator('[data-number]');
  const count = await numbers.count();
  expect(count).toBeGreaterThan(1);
  for (let i = 0; i < count; i++) {
    const number = numbers.nth(i);
    const key = (await number.getAttribute('data-number')) ?? '';
    const [inFormula, inCell] = [await example.text(number), await example.text(example.cell(key))];
    if (/^[qkv]:/.test(key)) expect(toNumber(inFormula), key).toBe(Number(inCell));
    else expect(inFormula, key).toBe(inCell);
  }
}

function valueAt(solution: ReturnType<typeof attention>, key: string): number {
  const [name, ...indices] = key.split(':');
  if (name === 'weightSum') return 1;
  const matrix: unknown = solution[name as keyof typeof solution];
  return indices.reduce((at: unknown, index) => (at as unknown[])[Number(index)], matrix) as number;
}

function random(
  seed: number,
  queries: number,
  keys: number,
  depth: number,
  width: number,
): Problem {
  const next = seeded(seed);
  const matrix = (rows: number, columns: number) =>
    Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => Math.round((next() * 6 - 3) * 100) / 100),
    );
  return { q: matrix(queries, depth), k: matrix(keys, depth), v: matrix(keys, width) };
}

test('what is printed adds up within its printed rounding', async ({ example }) => {
  await example.goToStep(4);
  for (const column of [0, 1]) {
    await example.cell(`output:0:${column}`).click();
    let sum = 0;
    let slack = 0;
    for (const key of [0, 1]) {
      const weight = await example.text(example.cell(`weights:0:${key}`));
      const value = toNumber(await example.text(example.number(`v:${key}:${column}`)));
      sum += toNumber(weight) * value;
      slack += halfUnit(weight) * Math.abs(value);
    }
    const output = await example.text(example.cell(`output:0:${column}`));
    expect(Math.abs(sum - toNumber(output))).toBeLessThanOrEqual(slack + halfUnit(output));
  }
  await expect(example.status).toContainText('unrounded values');
});

test('large scores that overflow single precision are shown and explained', async ({ example }) => {
  await example.input('Q', 1, 1).fill('1e38');
  await example.input('K', 1, 1).fill('1e38');
  await expect(example.status).toContainText('overflow');
  await example.goToStep(2);
  expect(await example.text(example.cell('scaled:0:0'))).toBe('∞');
});
