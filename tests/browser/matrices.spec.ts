import { type ExamplePage, expect, test } from './examplePage.ts';

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
  await expect(outcome).toHaveText(/10 million characters; .*at most 1 million/);
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
