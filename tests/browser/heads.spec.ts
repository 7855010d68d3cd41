import { axeFindsNothing } from './axe.ts';
import { expect, isWhole, type Locator, type Page, test } from './examplePage.ts';
import { goToSection, tabTo } from './keyboard.ts';
import { comeNear, openSection } from './sectionPage.ts';

test.setTimeout(240_000); // seconds, on an idle machine

const says = (section: Locator) => section.locator('.says');

/** Opens the address of the page in another one, as a friend does who is sent it. */
async function share(page: Page, wanted: RegExp): Promise<Page> {
  await expect.poll(() => page.url()).toMatch(wanted);
  const friend = await page.context().newPage();
  await friend.goto(page.url());
  await isWhole(friend);
  return friend;
}

test('makes one head ignore the word before, by keyboard, and shares it', async ({ page }) => {
  const section = await openSection(page, 'masks');
  await goToSection(page, 'Masks and heads');
  await tabTo(page, 'bank');
  await page.keyboard.press('Enter');
  await expect(says(section)).toContainText('In head A, “bank” listens most to “river”');
  await tabTo(page, 'river');
  await page.keyboard.press('Space');
  await expect(says(section)).not.toContainText('listens most to “river”');
  await expect(says(section)).toContainText('With all lines this weight is');
  await tabTo(page, 'Head A ignores the word before');
  await page.keyboard.press('Space');
  await expect(says(section)).toContainText(
    'Head A now ignores the word before. The other head still hears it.',
  );

  const friend = await share(page, /masks\.cuts=010,021,032,043/);
  const theirs = friend.locator('#masks');
  await theirs.scrollIntoViewIfNeeded();
  await expect(says(theirs)).toContainText('Head A now ignores the word before.');
  await expect(theirs.getByRole('checkbox', { name: 'Head A ignores' })).toBeChecked();
  await expect(theirs.getByRole('button', { name: 'bank', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
});

test('finds out why 0.2 and 0.8 are not the softmax, by keyboard, and shares it', async ({
  page,
}) => {
  const section = await openSection(page, 'why-scale');
  const lane = (name: string) => section.getByRole('region', { name });
  await expect(lane('divided by 5.0494')).toContainText(
    'only with this divisor are 0.2 and 0.8 the softmax of the scores',
  );
  await expect(lane('divided by √2')).toContainText('0.00699, 23 times weaker');
  await expect(lane('not divided')).toContainText('0.00091, 176 times weaker');
  await goToSection(page, 'Why divide');
  await tabTo(page, 'One step');
  await page.keyboard.press('Enter');
  await expect(section).toContainText('After 1 step.');
  await tabTo(page, 'All the way');
  await page.keyboard.press('Enter');
  await expect(lane('not divided')).toContainText('At the target since step');

  const friend = await share(page, /lanes\.steps=\d+/);
  const theirs = friend.locator('#why-scale');
  await theirs.scrollIntoViewIfNeeded();
  await expect(theirs.getByRole('region', { name: 'not divided' })).toContainText(
    'At the target since step',
  );
});

test('a line is as thick as its weight', async ({ page }) => {
  const section = await openSection(page, 'masks');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const rem = 16;
  const weight = async (key: number) =>
    Number.parseFloat(
      (await section.locator(`[data-cell="weights:4:${key}"]`).textContent()) ?? '',
    );
  for (const key of [2, 3, 4]) {
    const width = await section
      .locator(`[data-line="4:${key}"]`)
      .evaluate((node) => Number.parseFloat(getComputedStyle(node).strokeWidth));
    expect(width).toBeGreaterThan(0);
    expect(Math.abs(width - rem * (await weight(key)))).toBeLessThan(0.02 * rem);
  }
  await section.getByRole('checkbox', { name: 'was' }).uncheck();
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});

const STATES: [string, string, (section: Locator) => Promise<void>][] = [
  ['lines as they open', 'masks', async () => {}],
  [
    'a line cut, causal, the other head, a number that leaves',
    'masks',
    async (section) => {
      await section.getByRole('checkbox', { name: 'was' }).uncheck();
      await section.getByRole('radio', { name: /^B/ }).check();
      await section.getByRole('button', { name: 'river', exact: true }).click();
      await section.getByRole('checkbox', { name: 'Causal' }).check();
      await section.locator('[data-cell="joined:1:2"]').click();
      await section.getByRole('button', { name: 'They stay' }).click();
    },
  ],
  [
    'lanes under way, charts shown, a score that is none',
    'why-scale',
    async (section) => {
      await section.getByRole('button', { name: 'Ten steps' }).click();
      await section.getByRole('button', { name: 'Just show me' }).click();
      await section.getByRole('textbox', { name: 'score 2' }).fill('1,5');
    },
  ],
];

const PAGES = [
  { name: 'light, 1440 px', colorScheme: 'light', forcedColors: 'none', width: 1440 },
  { name: 'dark, 1440 px', colorScheme: 'dark', forcedColors: 'none', width: 1440 },
  { name: 'light, 320 px', colorScheme: 'light', forcedColors: 'none', width: 320 },
  { name: 'dark, forced colours, 320 px', colorScheme: 'dark', forcedColors: 'active', width: 320 },
] as const;

for (const { name, colorScheme, forcedColors, width } of PAGES) {
  test(`axe finds nothing, and nothing scrolls sideways: ${name}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, forcedColors });
    await page.setViewportSize({ width, height: 800 });
    await openSection(page, 'masks');
    for (const [state, id, enter] of STATES) {
      await test.step(state, async () => {
        const section = await comeNear(page, id);
        await enter(section);
        await axeFindsNothing(page, `#${id}`);
        const beyond = await section.evaluate(
          (node) => node.scrollWidth - document.documentElement.clientWidth,
        );
        expect(beyond).toBeLessThanOrEqual(0);
      });
    }
  });
}
