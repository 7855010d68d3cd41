// Chromium as an engine to measure in: a page that has the published files of everybody, unbundled.

import { setTimeout } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import { CHROMIUM } from '../../tests/browser/chromium.mjs';
import { installBrowsers } from '../../tools/browsers.mjs';
import { startServer } from './server.mjs';

/** Milliseconds in which a browser is busy with its own start, on every core. Who opens a page has one that runs. */
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

/** Sent to the page as its source: nothing from outside it is there. */
async function runTask({ task, argument }) {
  if (!globalThis.tasks) {
    const { tasksIn } = await import('/bench/lab/tasks.mjs');
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
