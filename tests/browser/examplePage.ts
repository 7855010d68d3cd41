import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { linkTo } from '../page/link.ts';
import { halfUnit, toNumber } from '../page/printedNumbers.ts';
import type { Problem } from '../page/reference.ts';

export type { Locator, Page };
export { expect, halfUnit, toNumber };

/** The page as a reader meets it: by labels where there are any, by cell where there are many. */
export class ExamplePage {
  /** The worked example: where a cell that stands in several sections is looked for first. */
  readonly example: Locator;
  readonly matrices: Locator;
  readonly masks: Locator;

  constructor(readonly page: Page) {
    this.example = page.locator('#example');
    this.matrices = page.locator('#matrices');
    this.masks = page.locator('#masks');
  }

  async open(hash = ''): Promise<void> {
    await this.page.goto(`./${hash}`);
    await isWhole(this.page);
    await expect(this.cell('output:0:0')).not.toHaveText(/…/);
  }

  /** Follows a link to matrices (of one head) and options, as a reader who is sent one does. */
  async follow(problem: Problem, options = ''): Promise<void> {
    await this.go(linkTo(problem) + options);
  }

  async go(hash: string): Promise<void> {
    await this.page.evaluate(
      (hash) =>
        new Promise((done) => {
          addEventListener('hashchange', done, { once: true });
          location.hash = hash;
        }),
      hash,
    );
  }

  get next(): Locator {
    return this.page.getByRole('button', { name: 'Next', exact: true });
  }

  get back(): Locator {
    return this.page.getByRole('button', { name: 'Back', exact: true });
  }

  get status(): Locator {
    return this.example.getByRole('status');
  }

  get stepHeading(): Locator {
    return this.page.locator('#steps').getByRole('heading', { level: 3 });
  }

  async goToStep(step: number): Promise<void> {
    const steps = this.page.getByRole('navigation', { name: 'The four steps' }).getByRole('list');
    await steps
      .getByRole('button')
      .nth(step - 1)
      .click();
  }

  input(matrix: 'Q' | 'K' | 'V', row: number, column: number): Locator {
    return this.example.getByRole('textbox', { name: `${matrix} row ${row} column ${column}` });
  }

  /** The cell of a matrix, by its key: `weights:0:1` is row 1, column 2. */
  cell(key: string, within = this.example): Locator {
    return within.locator(`[data-cell="${key}"]`).first();
  }

  /** The numbers of the formula that have this key. */
  number(key: string, within = this.example): Locator {
    return within.locator(`[data-number="${key}"]`);
  }

  /** Presses a button that says it is disabled: it is still there, and must do nothing. */
  async pressAnyway(button: Locator): Promise<void> {
    await button.focus();
    await this.page.keyboard.press('Enter');
  }

  async text(cell: Locator): Promise<string> {
    return cell.evaluate((node) => {
      if (node instanceof HTMLInputElement) return node.value;
      const number = node.querySelector('.number') ?? node.firstChild;
      return number?.textContent?.trim() ?? '';
    });
  }

  /** All result cells of a section, each with what it prints. */
  async results(within = this.example): Promise<[key: string, text: string][]> {
    return within
      .locator('button[data-cell]')
      .evaluateAll((nodes) =>
        nodes.map((node) => [
          (node as HTMLElement).dataset.cell ?? '',
          node.firstChild?.textContent?.trim() ?? '',
        ]),
      );
  }

  async press(name: string, times = 1): Promise<void> {
    for (let i = 0; i < times; i++) await this.page.getByRole('button', { name }).click();
  }

  /** The number between the two buttons that change it. */
  count(label: string): Locator {
    const name = this.page.getByText(label, { exact: true });
    return this.page.locator('.stepper').filter({ has: name }).locator('b');
  }
}

/** The page comes up piece by piece; this one is its last. */
export async function isWhole(page: Page): Promise<void> {
  const last = page.getByRole('button', { name: 'Save everything as JSON' });
  await expect(last).toBeVisible({ timeout: 20_000 });
}

/**
 * Every test fails on a page error, on any console message that warns, and on a request to another origin, which is
 * refused besides.
 */
export const test = base.extend<{
  example: ExamplePage;
  clean: undefined;
  tolerated: RegExp | null;
}>({
  /** Messages that a test provokes. */
  tolerated: [null, { option: true }],
  clean: [
    async ({ context, page, baseURL, tolerated }, use) => {
      const complaints: string[] = [];
      const origin = new URL(baseURL ?? '').origin;
      await context.route(
        (url) => url.origin !== origin && url.protocol.startsWith('http'),
        (route) => {
          complaints.push(`request to another origin: ${route.request().url()}`);
          return route.abort();
        },
      );
      page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
      page.on('console', (message) => {
        if (['warning', 'error', 'assert'].includes(message.type())) {
          complaints.push(`console ${message.type()}: ${message.text()}`);
        }
      });
      page.on('response', (response) => {
        if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
      });
      await use(undefined);
      expect(complaints.filter((complaint) => !tolerated?.test(complaint))).toEqual([]);
    },
    { auto: true },
  ],
  example: async ({ page }, use) => {
    const example = new ExamplePage(page);
    await example.open();
    await use(example);
  },
});
