import { MATH_CHARACTERS, TEXT_CHARACTERS } from '../../web/plugins/characters.ts';
import { expect, test } from './examplePage.ts';

test('formulas are MathML in the math font, and the fonts hold every character of the page', async ({
  example,
  page,
}) => {
  // Signs that stand apart from words: any font’s will do.
  const elsewhere = new Set('→←↑↓∞√\n\t');
  const outside = (text: string, inside: ReadonlySet<string>) =>
    [...new Set(text)].filter((one) => !inside.has(one) && !elsewhere.has(one));
  for (const step of [1, 2, 3, 4]) {
    await example.goToStep(step);
    const written = await page.evaluate(() => {
      const main = document.body.cloneNode(true) as HTMLElement;
      for (const node of main.querySelectorAll('script, noscript, template')) node.remove();
      const math = [...main.querySelectorAll('math')].map((node) => node.textContent).join('');
      for (const node of main.querySelectorAll('math')) node.remove();
      return { math, text: main.textContent ?? '' };
    });
    expect(written.math, 'no TeX is left').not.toMatch(/[\\{}$]/);
    expect(outside(written.math, MATH_CHARACTERS)).toEqual([]);
    expect(outside(written.text, TEXT_CHARACTERS)).toEqual([]);
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
  expect(heights.fence, 'parentheses grow').toBeGreaterThan(0.85 * heights.fraction);
  expect(heights.root, 'roots grow').toBeGreaterThan(heights.radicand);
});
