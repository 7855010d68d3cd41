import puppeteer from 'puppeteer-core';

// Playwright cannot drive Debian's Firefox; puppeteer can, over WebDriver BiDi.
export async function startFirefox() {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    timeout: 90_000,
    protocolTimeout: 90_000,
  });
  const version = (await browser.version()).replace(/^\w+\//, '');
  return {
    name: 'Firefox',
    version,
    async open(url) {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      const complaints = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (['warn', 'error'].includes(message.type())) complaints.push(message.text());
      });
      await page.goto(url, { timeout: 60_000 });
      return {
        evaluate: (expression) => page.evaluate(expression),
        complaints,
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
