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

test('a number of the formula and its cell light each other, by hover and by focus alike', async ({
  example,
}) => {
  test.setTimeout(120_000);
  for (const step of [1, 3]) {
    await example.goToStep(step);
    const keys = await keysOf(example.example.locator('[data-number]'), 'number');
    expect(keys.length).toBeGreaterThan(4);
    for (const key of keys) {
      await pointNowhere(example);
      expect((await seen(example)).lit).toEqual([]);
      await example.number(key).first().hover();
      const hovered = await seen(example);
      expect(hovered.lit, `hovering ${key}`).toContain(key);
      await pointNowhere(example);
      await example.number(key).first().focus();
      expect(await seen(example), key).toEqual(hovered);
      await pointNowhere(example);
      await example.cell(key).hover();
      expect((await seen(example)).lit, `hovering the cell ${key}`).toContain(`formula ${key}`);
    }
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
