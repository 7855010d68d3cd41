import { test as base, expect } from '@playwright/test';
import webdriver from 'selenium-webdriver';
import { walkSections } from './sections.ts';
import { launchWebKit } from './webkit.mjs';

const { By, until } = webdriver;

base('WebKit: every section works', async ({ baseURL }) => {
  base.setTimeout(180_000);
  const { driver, close } = await launchWebKit();
  try {
    await driver.get(baseURL ?? '');
    const find = (selector: string) => driver.wait(until.elementLocated(By.css(selector)), 20_000);
    const text = async (key: string) => {
      const cell = await find(`[data-cell="${key}"]`);
      return driver.executeScript('return arguments[0].firstChild.textContent.trim()', cell);
    };
    const press = (name: string) =>
      driver.findElement(By.xpath(`//button[normalize-space()="${name}"]`)).click();

    expect(await text('output:0:0')).toBe('8.9859');
    expect(await text('products:0:1')).toBe('18');
    await press('Next');
    expect(await text('scaled:0:1')).toBe('12.72792');
    await press('Next');
    expect(await text('weights:0:0')).toBe('0.007035');
    await press('Next');
    expect(await text('contributions:0:0:0')).toBe('0.0492');

    const input = await find('[data-cell="v:0:0"]');
    await input.clear();
    await input.sendKeys('70');
    expect(await text('contributions:0:0:0')).toBe('0.4925');
    await input.sendKeys(',');
    expect(await input.getAttribute('aria-invalid')).toBe('true');
    expect(await text('contributions:0:0:0')).toBe('0.4925');

    await driver.get('about:blank');
    await driver.get(baseURL ?? '');
    await text('output:0:0');
    await walkSections({
      run: (inPage, ...given) => driver.executeScript(`return (${inPage})(...arguments)`, ...given),
    });
  } finally {
    await close();
  }
});
