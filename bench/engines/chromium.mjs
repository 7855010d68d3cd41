// Chromium as an engine: a page that loads the published files of all contenders, unbundled.

import { setTimeout } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import { CHROMIUM } from '../../tests/browser/chromium.mjs';
import { installBrowsers } from '../../tools/browsers.mjs';
import { startServer } from './server.mjs';

/** Milliseconds after which a new browser no longer keeps all cores busy with its own start. */
const STARTING = 500;

/** { name, version, open(), close() }; `open` gives { run(task, argument), close() }, each in a new browser. */
export async function chromiumEngine() {
  const { CHROMIUM: executablePath } = await installBrowsers('chromium');
  const server = await startServer();
  const open = async () => {
    const browser = await chromium.launch({ ...CHROMIUM, executablePath });
    const page = await browser.newPage();
    await page.goto(server.url);
    await setTimeout(STARTING);
    return {
      version: browser.version(),
      run: (task, argument) => page.evaluate(runTask, { task, argument }),
      close: () => browser.close(),
    };
  };
  const { version, close } = await open();
  await close();
  return { name: 'Chromium', version, open, close: () => server.close() };
}

/** Playwright sends this function to the page as source text, so it can use nothing from outside itself. */
async function runTask({ task, argument }) {
  if (!globalThis.tasks) {
    const { tasksIn } = await import('/bench/measure/tasks.mjs');
    globalThis.tasks = tasksIn({
      bytesAt: async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer()),
      async model(description) {
        const response = await fetch('/model', {
          method: 'POST',
          body: JSON.stringify(description),
        });
        if (!response.ok) throw new Error(await response.text());
        return new Uint8Array(await response.arrayBuffer());
      },
    });
  }
  return globalThis.tasks[task](argument);
}
