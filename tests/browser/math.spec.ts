import { MATH_CHARACTERS, TEXT_CHARACTERS } from '../../web/plugins/characters.ts';
import { expect, test } from './examplePage.ts';

test('formulas are MathML, drawn by the browser in the math font', async ({ example, page }) => {
  for (const step of [1, 2, 3, 4]) {
    await example.goToStep(step);
    const texts = await page.locator('math').allTextContents();
    expect(texts.length).toBeGreaterThan(5);
    for (const text of texts) expect(text, 'no TeX is left').not.toMatch(/[\\{}$]/);
  }
  const fonts = await page.evaluate(() =>
    document.fonts.ready.then((all) =>
      [...all]
        .filter(({ status }) => status === 'loaded')
        .map(({ family }) => family.replaceAll('"', '')),
    ),
  );
  expect(fonts).toContain('STIX Two Math');
  expect(await page.locator('[style*="font"], .katex, merror').count()).toBe(0);
});

test('parentheses and roots grow with what is in them', async ({ page, example }) => {
  await expect(example.next).toBeVisible();
  const heights = await page.locator('.bar math').evaluate((math) => {
    const height = (node: Element | null | undefined) => node?.getBoundingClientRect().height ?? 0;
    const fence = [...math.querySelectorAll('mo')].filter((mo) => mo.textContent === '(').at(-1);
    return {
      fence: height(fence),
      fraction: height(math.querySelector('mfrac')),
      root: height(math.querySelector('msqrt')),
      radicand: height(math.querySelector('msqrt')?.firstElementChild),
    };
  });
  expect(heights.fence).toBeGreaterThan(0.85 * heights.fraction);
  expect(heights.root).toBeGreaterThan(heights.radicand);
});

test('a number in a formula is live', async ({ page, example }) => {
  await example.goToStep(2);
  await example.press('Add a column of Q and K');
  await expect(page.locator('.numbers msqrt')).toHaveText('3');
});

test('the fonts hold every character that the page writes', async ({ example, page }) => {
  // Signs that stand apart from words: any font’s will do.
  const elsewhere = new Set('→←↑↓∞√\n\t');
  for (const step of [1, 2, 3, 4]) {
    await example.goToStep(step);
    const written = await page.evaluate(() => {
      const main = document.body.cloneNode(true) as HTMLElement;
      for (const node of main.querySelectorAll('script, noscript, template')) node.remove();
      const math = [...main.querySelectorAll('math')].map((node) => node.textContent).join('');
      for (const node of main.querySelectorAll('math')) node.remove();
      return { math, text: main.textContent ?? '' };
    });
    const outside = (text: string, inside: ReadonlySet<string>) =>
      [...new Set(text)].filter((one) => !inside.has(one) && !elsewhere.has(one));
    expect(outside(written.math, MATH_CHARACTERS)).toEqual([]);
    expect(outside(written.text, TEXT_CHARACTERS)).toEqual([]);
  }
});
