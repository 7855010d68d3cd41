import { expect, isWhole, type Locator, type Page } from './examplePage.ts';

/** Opens the page at one of its later sections, whose figures are fetched when they come near. */
export async function openSection(page: Page, id: string): Promise<Locator> {
  await page.goto('./');
  await isWhole(page);
  const section = page.locator(`#${id}`);
  await section.scrollIntoViewIfNeeded();
  await expect(section).not.toContainText('is being loaded', { timeout: 20_000 });
  return section;
}

/** What stands in the cells of a table, row by row, headers of rows included. */
export async function rowsOf(
  table: Locator,
  part: 'tbody' | 'tfoot' = 'tbody',
): Promise<string[][]> {
  return table
    .locator(`${part} tr`)
    .evaluateAll((rows) =>
      rows.map((row) =>
        [...(row as HTMLTableRowElement).cells].map((cell) => cell.innerText.trim()),
      ),
    );
}
