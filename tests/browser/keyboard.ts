import type { Page } from './examplePage.ts';

/**
 * What somebody can do who has never seen the page: by what is written on it and the keyboard alone.
 * Tab until something of that name has the focus.
 */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let i = 0; i < 400; i++) {
    await page.keyboard.press('Tab');
    const label = await page.evaluate(() => {
      const node = document.activeElement as HTMLInputElement;
      const text =
        node.getAttribute('aria-label') ?? node.labels?.[0]?.textContent ?? node.textContent ?? '';
      return text.replace(/\s+/g, ' ').trim();
    });
    if (typeof name === 'string' ? label.startsWith(name) : name.test(label)) return;
  }
  throw new Error(`Tab never comes to ${name}`);
}

export async function goToSection(page: Page, name: string): Promise<void> {
  await tabTo(page, new RegExp(`^\\d ${name}`));
  await page.keyboard.press('Enter');
}
