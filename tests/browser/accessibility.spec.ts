import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import { type ExamplePage, expect, type Page, test } from './examplePage.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** All rules of axe: WCAG at every level that it knows, its best practices, its experiments. */
async function axeFindsNothing(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: typeof import('axe-core') }).axe;
    const rules = Object.fromEntries(
      axe.getRules().map(({ ruleId }) => [ruleId, { enabled: true }]),
    );
    // 7:1 is a goal of its own: the page promises 4.5:1.
    const options: RunOptions = {
      rules: { ...rules, 'color-contrast-enhanced': { enabled: false } },
    };
    const results: AxeResults = await axe.run(document, options);
    return results.violations.map(({ id, help, nodes }) => ({
      id,
      help,
      where: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
    }));
  });
  expect(found).toEqual([]);
}

const STATES: [string, (example: ExamplePage) => Promise<void>][] = [
  ['step 1', (example) => example.goToStep(1)],
  ['step 2', (example) => example.goToStep(2)],
  ['step 3', (example) => example.goToStep(3)],
  ['step 4', (example) => example.goToStep(4)],
  [
    'bad input',
    async (example) => {
      await example.input('Q', 1, 1).fill('1,5');
      await example.input('V', 2, 1).fill('');
    },
  ],
  ['a number lit', (example) => example.number('q:0:0').click()],
  [
    'large matrices',
    async (example) => {
      await example.size('query', 'queries', 5);
      await example.size('key and its value', 'keys and values', 8);
      await example.goToStep(3);
    },
  ],
];

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 320]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 800 } });
      for (const [name, enter] of STATES) {
        test(`axe finds nothing: ${name}`, async ({ example, page }) => {
          await enter(example);
          await page.mouse.move(0, 0);
          // Colours that are on their way between two states are neither.
          await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished)));
          await axeFindsNothing(page);
        });
      }
    });
  }
}

test('axe finds nothing: the static example', async ({ page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'WebAssembly'));
  await page.goto('./');
  await expect(page.getByRole('alert')).toBeVisible();
  await axeFindsNothing(page);
});

test('what Tab reaches can be seen to have the focus', async ({ example, page }) => {
  await example.goToStep(3);
  await page.getByRole('link', { name: 'Skip to the four steps' }).focus();
  const visited = new Set<string>();
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const node = document.activeElement as HTMLElement;
      if (node === document.body) return null;
      const style = getComputedStyle(node);
      const { top, bottom } = node.getBoundingClientRect();
      const bar = document.querySelector('.bar')?.getBoundingClientRect();
      return {
        name: node.dataset.cell ?? node.dataset.number ?? node.textContent?.trim() ?? node.tagName,
        outline: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2,
        hidden:
          bottom < 0 ||
          top > innerHeight ||
          (bar !== undefined && !node.closest('a') && top < bar.top),
      };
    });
    if (!focus) break;
    visited.add(focus.name);
    expect(focus, focus.name).toMatchObject({ outline: true, hidden: false });
  }
  expect(visited.size).toBeGreaterThan(20);
});

test('forced colours: the operands and the lit number stay told apart', async ({
  page,
  example,
}) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await example.number('q:0:0').hover();
  const outline = (key: string) =>
    example.cell(key).evaluate((node) => getComputedStyle(node).outlineStyle);
  expect(await outline('q:0:0')).toBe('solid');
  expect(await outline('q:0:1')).toBe('dashed');
  expect(await outline('k:1:0')).toBe('none');
});

test('reduced motion: nothing moves', async ({ page, example }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await example.next.click();
  await example.number('products:0:0').hover();
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});

test('query, key and value differ by line, not by colour alone', async ({ example }) => {
  const line = (key: string) =>
    example.cell(key).evaluate((node) => getComputedStyle(node).borderBottomStyle);
  expect([await line('q:0:0'), await line('k:0:0'), await line('v:0:0')]).toEqual([
    'solid',
    'dashed',
    'dotted',
  ]);
});
