import { random } from '../page/random.ts';
import { axeFindsNothing } from './axe.ts';
import { type ExamplePage, expect, test } from './examplePage.ts';

/** States one after the other, each with the parts of the page that it changes. */
const STATES: [string, string, (example: ExamplePage) => Promise<void>][] = [
  ['as it opens', 'html', async () => {}],
  ['step 2', '#steps', (example) => example.goToStep(2)],
  ['step 3', '#steps', (example) => example.goToStep(3)],
  ['step 4', '#steps', (example) => example.goToStep(4)],
  ['a number lit', '#example', (example) => example.number('weights:0:0').click()],
  [
    'bad input',
    '#example, #matrices',
    async (example) => {
      await example.input('Q', 1, 1).fill('1,5');
      await example.input('V', 2, 1).fill('');
    },
  ],
  [
    'a bad paste and a divisor that is none',
    '#matrices, #masks',
    async (example) => {
      await example.press('Reset to the article’s numbers');
      await example.matrices.getByLabel('Rows from a spreadsheet').fill('1 2\n3');
      await example.press('Use these numbers');
      await example.masks.getByLabel('Your own divisor').fill('-1');
    },
  ],
  [
    'an empty row, questions answered',
    '#example, #masks',
    async (example) => {
      await example.press('An empty row');
      await example.press('All equal');
      await example.press('It grows');
      await example.goToStep(3);
      await example.cell('weights:1:0').click();
    },
  ],
  [
    'causal, softcap, not divided',
    '#steps, #masks',
    async (example) => {
      await example.press('Identity');
      await example.masks.getByLabel('Causal').check();
      await example.masks.getByLabel('Softcap').check();
      await example.masks.getByLabel('not divided').check();
    },
  ],
  ['grouped heads', '#matrices, #masks', (example) => example.press('Grouped heads')],
  [
    'large matrices, positions ending together',
    '#steps, #matrices',
    (example) => example.follow(random(5, 5, 9, 3, 6), '&causal=1&end=1&step=3'),
  ],
  [
    'code in another language, a file saved',
    '#use',
    async (example) => {
      await example.page.getByRole('radio', { name: 'NumPy' }).check();
      await example.press('Copy the code');
      await example.press('Save as CSV');
    },
  ],
  ['a damaged link', '#example', (example) => example.go('#qkv=9')],
];

/** The dark page differs in colour alone, so its colours are looked at; a narrow one in what is folded. */
const COLOURS = ['color-contrast', 'link-in-text-block'];
const PAGES = [
  { colorScheme: 'light', width: 1440, rules: undefined, states: STATES },
  { colorScheme: 'dark', width: 1440, rules: COLOURS, states: STATES },
  { colorScheme: 'light', width: 320, rules: undefined, states: STATES.slice(0, 6) },
  { colorScheme: 'dark', width: 320, rules: COLOURS, states: STATES.slice(0, 6) },
] as const;

for (const { colorScheme, width, rules, states } of PAGES) {
  test.describe(`${colorScheme}, ${width} px`, () => {
    test.use({ colorScheme, viewport: { width, height: 800 } });
    test('axe finds nothing in any state', async ({ example, page }) => {
      test.setTimeout(240_000); // seconds, on an idle machine
      for (const [name, within, enter] of states) {
        await test.step(name, async () => {
          await enter(example);
          for (const part of within.split(', ')) await axeFindsNothing(page, part, rules);
        });
      }
      if (width < 600) {
        await page.getByRole('button', { name: 'Contents' }).click();
        await axeFindsNothing(page, 'nav', rules);
      }
    });
  });
}

test('axe finds nothing: the static example', async ({ page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'WebAssembly'));
  await page.goto('./');
  await expect(page.getByRole('alert')).toBeVisible();
  await axeFindsNothing(page);
});

test('what Tab reaches can be seen to have the focus', async ({ example, page }) => {
  test.setTimeout(120_000);
  await example.goToStep(3);
  await page.getByRole('link', { name: 'Skip to the four steps' }).focus();
  const visited = new Set<string>();
  for (let i = 0; i < 250; i++) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const node = document.activeElement as HTMLElement;
      if (node === document.body) return null;
      const style = getComputedStyle(node);
      const { top, bottom } = node.getBoundingClientRect();
      const bar = node.closest('#example') && document.querySelector('.bar');
      const covered = bar ? bar.getBoundingClientRect().bottom : 0;
      return {
        name: node.dataset.cell ?? node.dataset.number ?? node.textContent?.trim() ?? node.tagName,
        section: node.closest('section')?.id ?? 'page',
        outline: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2,
        hidden: bottom <= covered || top >= innerHeight,
      };
    });
    if (!focus) break;
    visited.add(`${focus.section}: ${focus.name}`);
    expect(focus, focus.name).toMatchObject({ outline: true, hidden: false });
  }
  for (const section of ['page', 'example', 'matrices', 'masks']) {
    expect([...visited].filter((name) => name.startsWith(section)).length).toBeGreaterThan(5);
  }
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
