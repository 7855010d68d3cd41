import { type ExamplePage, expect, halfUnit, type Locator, test, toNumber } from './examplePage.ts';
import { ARTICLE, attention, type Options, type Problem, random, valueAt } from './reference.ts';

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

const FIVE = random(2, 4, 4, 2, 2);
const DRAWN = [
  [true, true, false, true],
  [true, false, true, true],
  [false, true, true, true],
  [false, false, false, false],
];

/** A problem, the options as the address has them, and as the reference has them. */
const PROBLEMS: [string, Problem, string, Options][] = [
  ['the article', ARTICLE, '', {}],
  ['three queries, four keys', random(1, 3, 4, 3, 2), '', {}],
  ['one of everything', { q: [[2]], k: [[-1.5]], v: [[0.25]] }, '', {}],
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
    '',
    {},
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
    '',
    {},
  ],
  ['causal', FIVE, '&causal=1', { sees: (i, j) => j <= i }],
  ['a window', FIVE, '&left=1&right=0', { sees: (i, j) => j <= i && j >= i - 1 }],
  [
    'causal, positions ending together',
    random(4, 2, 4, 2, 2),
    '&causal=1&end=1',
    { sees: (i, j) => j <= i + 2 },
  ],
  [
    'a mask by hand with an empty row, softcap, not divided',
    FIVE,
    `&mask=${DRAWN.map((row) => row.map(Number).join('')).join(',')}&softcap=3&scale=1`,
    { sees: (i, j) => DRAWN[i][j], softcap: 3, divisor: 1 },
  ],
  ['a divisor of one’s own', FIVE, '&scale=0.75', { divisor: 0.75 }],
];

test('every displayed number can be found again', async ({ example }) => {
  test.setTimeout(120_000);
  for (const [name, problem, fields, options] of PROBLEMS) {
    await test.step(name, async () => {
      await example.follow(problem, fields);
      const expected = attention(problem, options);
      const logits = /causal|left|mask|softcap/.test(fields) ? 'masked' : 'scaled';
      for (const step of [1, 2, 3, 4]) {
        await example.goToStep(step);
        const pointed = ['products', 'scaled', 'weights', 'weights'][step - 1];
        for (const query of new Set([0, problem.q.length - 1])) {
          // The contributions shown are those of the selected query.
          await example.cell(`${pointed}:${query}:0`).click();
          await checkCells(example, example.example, expected, problem);
          await checkFormula(example.example);
        }
        if (step === 3) await expect(example.cell(`${logits}:0:0`)).toBeVisible();
      }
      // The same numbers where masks are drawn, and their formulas in one line.
      for (const key of ['masked:0:0', 'weights:0:0', 'output:0:0']) {
        await example.cell(key, example.masks).focus();
        await checkFormula(example.masks);
      }
      await checkCells(example, example.masks, expected, problem);
      await checkHeads(example, expected);
      await checkCells(example, example.matrices, expected, problem);
    });
  }
});

/** All result cells of a section, each against double precision, within its rounding and float32. */
async function checkCells(
  example: ExamplePage,
  section: Locator,
  expected: ReturnType<typeof attention>,
  problem: Problem,
): Promise<void> {
  const cells = await example.results(section);
  expect(cells.length).toBeGreaterThanOrEqual(problem.q.length);
  const largest = Math.max(1, ...problem.v.flat().map(Math.abs));
  for (const [key, text] of cells) checkNumber(key, text, valueAt(expected, key), largest);
}

function checkNumber(key: string, text: string, wanted: number, largest: number): void {
  if (!Number.isFinite(wanted)) {
    expect(text, key).toBe('−∞');
    return;
  }
  const tolerance = halfUnit(text) + 2e-6 * Math.max(largest, Math.abs(wanted));
  const error = Math.abs(toNumber(text) - wanted);
  expect(error, `${key} shows ${text}, is ${wanted}`).toBeLessThanOrEqual(tolerance);
}

/** The grid of heads, here of one: each weight and each row's sum. */
async function checkHeads(
  example: ExamplePage,
  expected: ReturnType<typeof attention>,
): Promise<void> {
  const cells = await example.masks.locator('[data-head-cell]').evaluateAll((nodes) =>
    nodes.map((node) => ({
      key: (node as HTMLElement).dataset.headCell?.replace('0:', '') ?? '',
      text: node.firstChild?.textContent?.trim() ?? '',
    })),
  );
  expect(cells.length).toBe(expected.weights.length * (expected.weights[0].length + 1));
  for (const { key, text } of cells) checkNumber(key, text, valueAt(expected, key), 1);
}

/** A number in the formula is printed exactly as the cell that it stands in. */
async function checkFormula(section: Locator): Promise<void> {
  const numbers = await section.locator('[data-number]').evaluateAll((nodes) =>
    nodes.map((node) => {
      const key = (node as HTMLElement).dataset.number ?? '';
      // In its own section if it stands there, else where it does.
      const cell =
        node.closest('section')?.querySelector(`[data-cell="${key}"]`) ??
        document.querySelector(`[data-cell="${key}"]`);
      const inCell =
        cell instanceof HTMLInputElement ? cell.value : cell?.firstChild?.textContent?.trim();
      return { key, inFormula: node.querySelector('.number')?.textContent ?? '', inCell };
    }),
  );
  const empty = section.getByText('No key is left');
  if (numbers.length === 0) await expect(empty.first()).toBeVisible();
  for (const { key, inFormula, inCell = '' } of numbers) {
    if (/^[qkv]:/.test(key)) expect(toNumber(inFormula), key).toBe(Number(inCell));
    else expect(inFormula, key).toBe(inCell);
  }
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

test('a link of several heads shows each with its own keys', async ({ example }) => {
  const [first, second] = [random(7, 2, 3, 2, 2), random(8, 2, 3, 2, 2)];
  const [third, fourth] = [random(9, 2, 3, 2, 2), random(10, 2, 3, 2, 2)];
  const q = [first, second, third, fourth].map((problem) => problem.q);
  const [k, v] = [
    [first.k, second.k],
    [first.v, second.v],
  ];
  await example.go(
    `#qkv=1&q=4x2x2:${q.flat(2)}&k=2x3x2:${k.flat(2)}&v=2x3x2:${v.flat(2)}&causal=1`,
  );
  for (const head of [0, 1, 2, 3]) {
    const group = Math.floor(head / 2);
    const problem = { q: q[head], k: k[group], v: v[group] };
    const expected = attention(problem, { sees: (i, j) => j <= i });
    for (const [i, row] of expected.weights.entries()) {
      for (const [j, weight] of row.entries()) {
        const cell = example.masks.locator(`[data-head-cell="${head}:weights:${i}:${j}"]`);
        checkNumber(`head ${head}, ${i}, ${j}`, await example.text(cell), weight, 1);
      }
    }
    // Picking a head shows it everywhere.
    await example.masks.locator(`[data-head-cell="${head}:weights:1:0"]`).click();
    await checkCells(example, example.example, expected, problem);
    await expect(example.input('Q', 1, 1)).toHaveValue(String(q[head][0][0]));
    await expect(example.input('K', 1, 1)).toHaveValue(String(k[group][0][0]));
  }
});
