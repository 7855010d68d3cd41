// What holds for the figures of all later sections: of scaling, of the large picture, of speed.
import { axeFindsNothing } from './axe.ts';
import { expect, isWhole, type Locator, type Page, test } from './examplePage.ts';
import { openSection } from './sectionPage.ts';

const SECTIONS = ['why-scale', 'large', 'speed'] as const;
type Id = (typeof SECTIONS)[number];

/** What each looks like once it is used: errors, answers and results included. */
const USED: Record<Id, (section: Locator) => Promise<void>> = {
  'why-scale': async (section) => {
    await section.getByRole('button', { name: 'Sixteen times' }).click();
    await section.getByRole('textbox', { name: 'seed of the vectors' }).fill('-1');
    await section.getByRole('radio', { name: '100, 999, 1000' }).check();
    await section.getByRole('textbox', { name: 'score 2' }).fill('1,5');
  },
  large: async (section) => {
    await section.getByRole('button', { name: 'Nothing changes' }).click();
    await section.getByRole('radio', { name: 'a window' }).check();
    await section.getByRole('textbox', { name: 'query', exact: true }).fill('0');
    await section.getByRole('application').focus();
  },
  speed: async (section) => {
    await section.getByRole('button', { name: 'It doubles' }).click();
    await section.getByRole('button', { name: 'Next tile' }).click();
    await section.getByRole('radio', { name: '128', exact: true }).check();
    await section.getByRole('button', { name: 'Measure' }).click();
    await expect(section.getByText(/^Measured with/)).toBeVisible({ timeout: 25_000 });
  },
};

for (const id of SECTIONS) {
  test(`${id}: light, axe finds nothing, and what Tab reaches can be seen to have the focus`, async ({
    page,
  }) => {
    test.setTimeout(60_000);
    const section = await openSection(page, id);
    await axeFindsNothing(page, `#${id}`);
    await section.getByRole('heading', { level: 2 }).focus();
    let reached = 0;
    for (;;) {
      await page.keyboard.press('Tab');
      const focus = await focusIn(page, id);
      if (!focus) break;
      reached++;
      expect(focus, focus.name).toMatchObject({ outlined: true, inView: true });
    }
    expect(reached).toBeGreaterThan(5);
    await USED[id](section);
    await axeFindsNothing(page, `#${id}`);
  });

  test.describe(`${id}, dark, 320 px`, () => {
    test.use({ colorScheme: 'dark', viewport: { width: 320, height: 800 } });
    test.setTimeout(60_000);

    test('axe finds nothing, and nothing is wider than the page, up to 1440 px', async ({
      page,
    }) => {
      const section = await openSection(page, id);
      await axeFindsNothing(page, `#${id}`);
      await USED[id](section);
      await axeFindsNothing(page, `#${id}`);
      for (const width of [320, 360, 768, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await widerThanPage(section), `${width} px`).toEqual([]);
      }
    });
  });
}

/** What sticks out on the right and is not inside a box that scrolls. */
function widerThanPage(section: Locator): Promise<string[]> {
  return section.evaluate((section) => {
    const scrolls = (node: Element | null): boolean =>
      node !== null &&
      (getComputedStyle(node).overflowX !== 'visible' || scrolls(node.parentElement));
    return [...section.querySelectorAll('*')]
      .filter(
        (node) => node.getBoundingClientRect().right > document.documentElement.clientWidth + 1,
      )
      .filter((node) => !scrolls(node.parentElement?.closest('#page *') ?? null))
      .map((node) => `${node.tagName} ${node.textContent?.trim().slice(0, 40)}`);
  });
}

function focusIn(page: Page, id: string) {
  return page.evaluate((id) => {
    const node = document.activeElement as HTMLElement;
    if (!node.closest(`#${id}`)) return null;
    const { outlineStyle, outlineWidth } = getComputedStyle(node);
    const { top, bottom } = node.getBoundingClientRect();
    return {
      name: node.getAttribute('aria-label') ?? node.textContent?.trim() ?? node.tagName,
      outlined: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1,
      inView: bottom > 0 && top < innerHeight,
    };
  }, id);
}

test('nothing shifts while the figures are fetched on the way down', async ({ page }) => {
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value } = entry as PerformanceEntry & { value: number };
        if (value > 0.001) shifts.push(value);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto('./');
  await isWhole(page);
  const end = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let y = 0; y < end; y += 500) {
    await page.mouse.wheel(0, 500);
    // A figure is fetched a window ahead, and the reader is slower than that.
    await page.waitForFunction(() =>
      [...document.querySelectorAll('p.room')].every(
        (room) => room.getBoundingClientRect().top > 1.5 * innerHeight,
      ),
    );
  }
  await expect(page.locator('main')).not.toContainText('is being loaded');
  expect(await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts)).toEqual(
    [],
  );
});

test('nothing is fetched for the figures before the reader comes near, and no script from elsewhere', async ({
  page,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto('./');
  await isWhole(page);
  await page.waitForLoadState('networkidle');
  const early = asked.filter((url) => /Figure|Worker|worker/.test(url));
  expect(early).toEqual([]);

  // Workers are started only from this page’s own addresses.
  const section = page.locator('#large');
  await section.scrollIntoViewIfNeeded();
  await expect(section).not.toContainText('is being loaded', { timeout: 20_000 });
  const refused = await page.evaluate(() => {
    try {
      new Worker('https://example.com/worker.js');
      return 'started';
    } catch (error) {
      return String(error);
    }
  });
  expect(refused).toContain('a script from elsewhere is not allowed');
});

test('reduced motion: nothing moves; forced colours: the tile that is read is told apart', async ({
  page,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' });
  const section = await openSection(page, 'speed');
  await section.getByRole('button', { name: 'Next tile' }).click();
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  const mark = section.locator('tr[aria-current] > :first-child').first();
  const [edge, paper] = await mark.evaluate((node) => [
    getComputedStyle(node).borderLeftColor,
    getComputedStyle(document.documentElement).backgroundColor,
  ]);
  expect(edge).not.toBe(paper);
});
