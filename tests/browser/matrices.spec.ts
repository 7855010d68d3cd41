import { type ExamplePage, expect, halfUnit, test, toNumber } from './examplePage.ts';
import { attention, type Problem } from './reference.ts';

const THREE = [
  [1, 2],
  [3, 4],
  [5, 6.5],
];

/** What stands in an input matrix of section 2. */
async function matrix(example: ExamplePage, name: 'q' | 'k' | 'v'): Promise<number[][]> {
  const cells = await example.matrices
    .locator(`input[data-cell^="${name}:"]`)
    .evaluateAll((nodes) =>
      nodes.map((node) => [
        (node as HTMLElement).dataset.cell?.split(':')[1] ?? '',
        (node as HTMLInputElement).value,
      ]),
    );
  const rows: number[][] = [];
  for (const [row, value] of cells) {
    rows[Number(row)] ??= [];
    rows[Number(row)].push(Number(value));
  }
  return rows;
}

async function pasteInForm(example: ExamplePage, text: string, as?: 'Q' | 'K' | 'V') {
  if (as) await example.matrices.getByLabel(`as ${as}`).check();
  await example.matrices.getByLabel('Rows from a spreadsheet').fill(text);
  await example.press('Use these numbers');
}

/** As the clipboard brings it, which `fill` does not. */
async function pasteInto(example: ExamplePage, selector: string, text: string): Promise<void> {
  await example.matrices.locator(selector).evaluate((node, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    (node as HTMLElement).focus();
    node.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  }, text);
}

async function showsOutputOf(example: ExamplePage, problem: Problem): Promise<void> {
  const { output } = attention(problem);
  for (const [i, row] of output.entries()) {
    for (const [c, wanted] of row.entries()) {
      const text = await example.text(example.cell(`output:${i}:${c}`, example.matrices));
      expect(Math.abs(toNumber(text) - wanted)).toBeLessThanOrEqual(halfUnit(text) + 1e-4);
    }
  }
}

test('reads what spreadsheets, CSV files and JSON bring', async ({ example }) => {
  const v = [
    [7, 8],
    [9, 10],
    [0, 0],
  ];
  const WRITTEN: [string, string][] = [
    ['tabs', '1\t2\n3\t4\n5\t6.5\n'],
    ['tabs and Windows lines', '1\t2\r\n3\t4\r\n5\t6.5\r\n'],
    ['commas', '1,2\n3, 4\n5,6.5'],
    ['semicolons', '1;2\n3;4\n5;6.5'],
    ['spaces and blank lines', '\n\n 1   2\n3 4\n5 6.5\n\n'],
    ['JSON', ' [[1, 2], [3, 4], [5, 6.5]] '],
  ];
  for (const [name, text] of WRITTEN) {
    await test.step(name, async () => {
      await example.press('Reset to the article’s numbers');
      await pasteInForm(example, text, 'K');
      expect(await matrix(example, 'k')).toEqual(THREE);
      expect(await matrix(example, 'v'), 'V is fitted').toEqual(v);
      await showsOutputOf(example, { q: [[3, 4]], k: THREE, v });
    });
  }
  await pasteInForm(example, '{"v": [[1],[2]], "q": [[3, 4]], "k": [[1, 2], [2, 3]], "w": 1}');
  await showsOutputOf(example, {
    q: [[3, 4]],
    k: [
      [1, 2],
      [2, 3],
    ],
    v: [[1], [2]],
  });
  await pasteInForm(example, '{"q": [[[1]], [[2]]], "k": [[3]], "v": [[4]]}');
  await expect(example.count('heads of queries')).toHaveText('2');
});

test('refuses a paste that is none, says where, and keeps the last good result', async ({
  example,
}) => {
  const outcome = example.matrices.locator('.outcome').first();
  const area = example.matrices.getByLabel('Rows from a spreadsheet');
  await pasteInForm(example, '1 2\n3 4', 'K');
  const wide = Array(13).fill('1').join('\t');
  const BAD: [string, RegExp][] = [
    ['', /Nothing to read/],
    ['1 2\n3', /Row 2 has 1 and row 1 has 2/],
    ['1\t2\n3\t1,5', /Row 2, column 2, “1,5”: Write 1\.5/],
    ['1\t\n3\t4', /Row 1, column 2.*is empty/],
    ['a b', /Row 1, column 1, “a”: Not a number/],
    ['1e999 1', /Too large/],
    ['0x10 1', /decimal/],
    [wide, /1 to 12 rows and columns; this has 1 × 13/],
    [Array(13).fill('1').join('\n'), /this has 13 × 1/],
    ['[[1, 2], [3]]', /Row 2 has 1/],
    ['[[1, 2', /none: check its brackets/],
    ['[[1, "2"]]', /Row 1, column 2 of the matrix: Not a number/],
    ['[[1, null]]', /Not a number/],
    ['[[1, 1e999]]', /Too large/],
    ['[]', /array of rows/],
    ['[[]]', /1 to 12 rows/],
    ['[[[1]], [[2]]]', /Several heads/],
    ['{"q": [[1]]}', /needs "q", "k" and "v"/],
    ['{"__proto__": {"q": [[1]], "k": [[1]], "v": [[1]]}}', /needs "q", "k" and "v"/],
    ['{"q": [[1]], "k": [[1, 2]], "v": [[1]]}', /rows of K must be as long as those of Q/],
    ['{"q": [[1]], "k": [[1]], "v": [[1], [2]]}', /as many rows as K/],
    [`{"q": ${'['.repeat(5000)}`, /none: check its brackets/],
  ];
  for (const [text, says] of BAD) {
    await test.step(text.slice(0, 30), async () => {
      await pasteInForm(example, text);
      await expect(outcome).toHaveText(says);
      await expect(area).toHaveAttribute('aria-invalid', 'true');
      await expect(area).toHaveAccessibleDescription(says);
      expect(await matrix(example, 'k')).toEqual([
        [1, 2],
        [3, 4],
      ]);
    });
  }
});

test('ten megabytes are refused at once, in the field and in a cell', async ({ example }) => {
  const outcome = example.matrices.locator('.outcome').first();
  const before = await example.results(example.matrices);
  const began = Date.now();
  await example.matrices.getByLabel('Rows from a spreadsheet').evaluate((node) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', '1\t2\n'.repeat(2_500_000));
    node.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  });
  await expect(outcome).toHaveText(/10 million characters; at most 1 million/);
  await example.matrices.locator('[data-cell="q:0:0"]').evaluate((node) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', '1\t2\n'.repeat(2_500_000));
    node.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  });
  await expect(example.input('Q', 1, 1)).toHaveAttribute('aria-invalid', 'true');
  expect(Date.now() - began).toBeLessThan(5000);
  expect(await example.results(example.matrices)).toEqual(before);
});

test('cells of a spreadsheet fill a matrix from the cell that they are pasted in', async ({
  example,
}) => {
  await pasteInto(example, '[data-cell="k:1:0"]', '5\t6\t7\n8\t9\t10');
  expect(await matrix(example, 'k')).toEqual([
    [1, 2, 0],
    [5, 6, 7],
    [8, 9, 10],
  ]);
  expect(await matrix(example, 'q')).toEqual([[3, 4, 0]]);
  expect(await matrix(example, 'v')).toEqual([
    [7, 8],
    [9, 10],
    [0, 0],
  ]);
  await pasteInto(example, '[data-cell="v:0:0"]', '1\t2\n3');
  expect(await matrix(example, 'v'), 'ragged: nothing of it').toEqual([
    [7, 8],
    [9, 10],
    [0, 0],
  ]);
});

test('undo and redo take back and bring again, by buttons and by keys', async ({
  example,
  page,
}) => {
  const undo = page.getByRole('button', { name: 'Undo' });
  const redo = page.getByRole('button', { name: 'Redo' });
  await expect(undo).toHaveAttribute('aria-disabled', 'true');
  await example.pressAnyway(undo);
  await example.pressAnyway(redo);
  expect(await matrix(example, 'q')).toEqual([[3, 4]]);

  await example.input('Q', 1, 1).focus();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('125');
  await example.press('Add a query');
  await example.press('Identity');
  await example.masks.getByLabel('Causal').check();
  await example.next.click();

  const states = [
    [[3, 4]],
    [[125, 4]],
    [
      [125, 4],
      [0, 0],
    ],
  ];
  await undo.click();
  await expect(example.masks.getByLabel('Causal')).not.toBeChecked();
  await undo.click();
  expect(await matrix(example, 'q'), 'the preset').toEqual(states[2]);
  await page.keyboard.press('Control+z');
  expect(await matrix(example, 'q'), 'the size').toEqual(states[1]);
  await page.keyboard.press('Control+z');
  expect(await matrix(example, 'q'), 'all three digits').toEqual(states[0]);
  await expect(example.stepHeading, 'but not the step').toContainText('Adjusting the scale');
  await expect(undo).toHaveAttribute('aria-disabled', 'true');
  await page.keyboard.press('Control+Shift+Z');
  expect(await matrix(example, 'q')).toEqual(states[1]);
  await page.keyboard.press('Control+y');
  expect(await matrix(example, 'q')).toEqual(states[2]);
  await redo.click();
  await redo.click();
  await expect(example.masks.getByLabel('Causal')).toBeChecked();
  await expect(redo).toHaveAttribute('aria-disabled', 'true');

  // In a text field the keys are the field's.
  await example.input('Q', 1, 1).focus();
  await page.keyboard.press('Control+z');
  await expect(example.masks.getByLabel('Causal')).toBeChecked();
  await undo.click();
  await example.press('Remove a query');
  await expect(redo, 'a change ends what could be brought again').toHaveAttribute(
    'aria-disabled',
    'true',
  );
});

test('each preset says what to see, and it is there to be seen', async ({ example, page }) => {
  const says = example.matrices.locator('.says');
  const cell = (key: string) => example.text(example.cell(key, example.masks));
  const open = async (name: string) => {
    await example.press(name);
    await expect(page.getByRole('button', { name, exact: true })).toHaveAttribute(
      'aria-pressed',
      'true',
    );
  };
  await open('Identity');
  expect(await cell('weights:0:0')).toBe(await cell('weights:1:1'));
  expect(toNumber(await cell('weights:0:0'))).toBeLessThan(0.5);
  await open('One-hot keys');
  expect(await cell('output:0:0')).toBe('20.0000');
  expect(await cell('output:1:1'), 'the mean of 1 and 3').toBe('2.0000');
  await open('Long causal');
  await expect(says).toContainText('Ten tokens');
  expect(await cell('weights:0:0')).toBe('1.000000');
  expect(await cell('masked:0:9')).toBe('−∞');
  await open('Grouped heads');
  await expect(page.getByRole('group', { name: 'Head shown' }).first()).toBeVisible();
  await open('An empty row');
  expect([await cell('weightSum:1'), await cell('output:1:0')]).toEqual(['0.000000', '0.0000']);
  await open('The article’s example');
  expect(await cell('output:0:0')).toBe('8.9859');
  await example.input('Q', 1, 1).fill('9');
  await expect(says).toHaveText('These are numbers of your own.');
});
