import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import { expect, type Page } from './examplePage.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * All rules of axe: WCAG at every level that it knows, its best practices, its experiments. Where only
 * the colours are others, `only` what looks at them.
 */
export async function axeFindsNothing(
  page: Page,
  within = 'html',
  only?: readonly string[],
): Promise<void> {
  await page.mouse.move(0, 0);
  // Colours that are on their way between two states are neither.
  await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished)));
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const found = await page.evaluate(
    async ({ within, only }) => {
      const axe = (globalThis as unknown as { axe: typeof import('axe-core') }).axe;
      const rules = Object.fromEntries(
        axe.getRules().map(({ ruleId }) => [ruleId, { enabled: only?.includes(ruleId) ?? true }]),
      );
      // 7:1 is a goal of its own: the page promises 4.5:1.
      const options: RunOptions = {
        rules: { ...rules, 'color-contrast-enhanced': { enabled: false } },
        resultTypes: ['violations'],
      };
      const results: AxeResults = await axe.run(within, options);
      return results.violations.map(({ id, help, nodes }) => ({
        id,
        help,
        where: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
      }));
    },
    { within, only },
  );
  expect(found).toEqual([]);
}
