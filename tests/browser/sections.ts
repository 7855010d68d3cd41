import { expect } from '@playwright/test';

/** A browser of any make: where a function runs in the page, what it gives comes back. */
export interface Browser {
  run<Result, Arguments extends unknown[]>(
    inPage: (...given: Arguments) => Result,
    ...given: Arguments
  ): Promise<Result>;
}

/** Every section once, from the second on, in a browser that Playwright does not drive. */
export async function walkSections(browser: Browser): Promise<void> {
  const page = new SectionWalk(browser);

  await page.enter('matrices');
  await page.press('matrices', 'Identity');
  await page.shows('#matrices [data-cell="output:2:2"]', /^0\.4\d{3}/);
  await page.press('matrices', 'The article’s example');

  await page.enter('masks');
  await page.press('masks', 'not divided');
  await page.shows('#matrices [data-cell="output:0:0"]', /^8\.9982/);

  await page.enter('why-scale');
  await page.shows('#why-scale', /spread by \d|Each thin line/);
  expect(await page.count('#why-scale svg path')).toBeGreaterThan(1);

  await page.enter('large');
  await page.shows('#large .readout', /the weight \d\.\d+.*sums to\s+(1\.0|0\.99999)/s);
  await expect.poll(() => page.coloursOfPicture()).toBeGreaterThan(20);

  await page.enter('speed');
  const before = await page.text('#speed nav + *');
  await page.press('speed', 'Next');
  expect(before.length).toBeGreaterThan(0);
  await page.press('speed', '128');
  await page.press('speed', 'Measure');
  await page.shows('#speed', /Measured with \d+ tokens/, 60_000);
  await page.shows('#speed', /does\s+\d+\.\d+ GFLOP\/s/);

  await page.enter('use');
  await page.shows(
    '#use pre',
    /scale: 1,[\s\S]*console\.log\(output\.data\); \/\/ 8\.9982, 9\.9982/,
  );
  await page.press('use', 'NumPy');
  await page.shows('#use pre', /import numpy as np/);
}

class SectionWalk {
  constructor(private readonly browser: Browser) {}

  /** Comes near the section, as a reader who scrolls does, and waits for its figures. */
  async enter(id: string): Promise<void> {
    await expect
      .poll(() =>
        this.browser.run((id) => {
          const section = document.getElementById(id);
          section?.scrollIntoView();
          return section?.textContent ?? 'is being loaded';
        }, id),
      )
      .not.toContain('is being loaded');
  }

  /** A button, or the choice of a radio button, by what it says, once it is there. */
  async press(section: string, name: string): Promise<void> {
    const press = () =>
      this.browser.run(
        (section, name) => {
          const all = document.querySelectorAll<HTMLElement>(`#${section} :is(button, label)`);
          const one = [...all].find((node) => node.textContent?.trim().startsWith(name));
          one?.click();
          return one !== undefined;
        },
        section,
        name,
      );
    await expect.poll(press, { message: `${section} has ${name}`, timeout: 20_000 }).toBe(true);
  }

  async shows(selector: string, text: RegExp, timeout = 10_000): Promise<void> {
    await expect.poll(() => this.text(selector), { timeout }).toMatch(text);
  }

  text(selector: string): Promise<string> {
    return this.browser.run(
      (selector) => document.querySelector(selector)?.textContent?.trim() ?? '',
      selector,
    );
  }

  count(selector: string): Promise<number> {
    return this.browser.run((selector) => document.querySelectorAll(selector).length, selector);
  }

  coloursOfPicture(): Promise<number> {
    return this.browser.run(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('#large canvas');
      const context = canvas?.getContext('2d');
      if (!canvas || !context) return 0;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
  }
}
