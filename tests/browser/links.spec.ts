import { type ExamplePage, expect, type Locator, test } from './examplePage.ts';

/** Everything that is lit or tinted, and what the formula says: all that pointing may change. */
async function seen(example: ExamplePage) {
  return example.example.evaluate((section) => ({
    lit: [...section.querySelectorAll<HTMLElement>('.lit')].map(
      ({ dataset }) => dataset.cell ?? `formula ${dataset.number}`,
    ),
    tinted: [...section.querySelectorAll<HTMLElement>('.operand')].map((n) => n.dataset.cell),
    formula: section.querySelector('.numbers')?.textContent,
  }));
}

async function pointNowhere(example: ExamplePage): Promise<void> {
  await example.page.mouse.move(0, 0);
  await example.page.evaluate(() => (document.activeElement as HTMLElement).blur());
}

const keysOf = (nodes: Locator, data: 'cell' | 'number') =>
  nodes.evaluateAll(
    (found, data) => [...new Set(found.map((node) => (node as HTMLElement).dataset[data] ?? ''))],
    data,
  );

test('a number of the formula lights its cell, by hover and by focus alike', async ({
  example,
}) => {
  test.setTimeout(60_000);
  for (const step of [1, 2, 3, 4]) {
    await example.goToStep(step);
    for (const key of await keysOf(example.example.locator('[data-number]'), 'number')) {
      await pointNowhere(example);
      expect((await seen(example)).lit).toEqual([]);
      await example.number(key).first().hover();
      const hovered = await seen(example);
      expect(hovered.lit, `hovering ${key}`).toContain(key);
      await pointNowhere(example);
      await example.number(key).first().focus();
      expect(await seen(example), key).toEqual(hovered);
    }
  }
});

test('a cell lights its number, by hover and by focus alike', async ({ example }) => {
  test.setTimeout(60_000);
  await example.press('Add a query');
  for (const step of [1, 2, 3, 4]) {
    await example.goToStep(step);
    const first = example.cell(`${['products', 'scaled', 'weights', 'output'][step - 1]}:0:0`);
    await first.focus();
    await pointNowhere(example);
    const start = await seen(example);
    const cells = await keysOf(example.example.locator('[data-cell]'), 'cell');
    expect(cells.length).toBeGreaterThan(12);
    // The second query is not selected: its cells change the formula. The inputs do not.
    for (const key of cells.filter((name) => !/^[kv]:|:0:0$/.test(name))) {
      await pointNowhere(example);
      await example.cell(key).hover();
      const hovered = await seen(example);
      expect(hovered.lit, `hovering ${key}`).toContain(key);
      await pointNowhere(example);
      if (!/^q:/.test(key)) expect(await seen(example), 'a hover leaves no trace').toEqual(start);
      await example.cell(key).focus();
      expect(await seen(example), key).toEqual(hovered);
      // Focus selects; the next one starts from where this one did.
      await first.focus();
      await pointNowhere(example);
    }
  }
});

test('selecting a result shows the operands of that cell', async ({ example }) => {
  await example.press('Add a query');
  await example.input('Q', 2, 1).fill('-5');
  await example.cell('products:1:1').click();
  await expect(
    example.example.getByText('Score of query 2 and key 2', { exact: true }),
  ).toBeVisible();
  await expect(example.cell('products:1:1')).toHaveAttribute('aria-current', 'true');
  expect(await example.text(example.number('q:1:0'))).toBe('−5');
  expect(await example.text(example.number('products:1:1'))).toBe('−10');
  const tinted = example.example.locator('input.operand');
  await expect(tinted).toHaveCount(4);
  for (const key of ['q:1:0', 'q:1:1', 'k:1:0', 'k:1:1']) {
    await expect(example.cell(key)).toHaveClass(/operand/);
  }
});

test('a tap keeps a number lit until Escape or a second tap', async ({ example, page }) => {
  const number = example.number('k:0:1');
  await number.click();
  await expect(number).toHaveAttribute('aria-pressed', 'true');
  await pointNowhere(example);
  await expect(example.cell('k:0:1')).toHaveClass(/\blit\b/);
  await page.keyboard.press('Escape');
  await expect(example.cell('k:0:1')).not.toHaveClass(/\blit\b/);
  await number.click();
  await number.click();
  await expect(number).toHaveAttribute('aria-pressed', 'false');
});

test('numbers and cells say what they are', async ({ example, page }) => {
  await expect(page.getByRole('button', { name: '3 Q row 1 column 1' })).toBeVisible();
  await expect(page.getByRole('button', { name: '18 score of query 1 and key 2' })).toHaveCount(1);
  await example.goToStep(3);
  const weight = example.example.getByRole('button', {
    name: '0.992965 weight of key 2 for query 1',
  });
  await expect(weight).toBeVisible();
});
