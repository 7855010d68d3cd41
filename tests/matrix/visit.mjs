// Opens an app in a browser and waits for the report of its page:
// { places: { name: report }, complaints }.

import { setTimeout as sleep } from 'node:timers/promises';
import { policyWith, serve } from '../server.mjs';
import { freePort, within } from './processes.mjs';
import { toolServer } from './tools.mjs';

const LIMIT = 60_000;

/** Files as they are, from a static server; `options` are those of serve(). */
export async function visitFolder(browser, folder, page = '', options = {}) {
  const server = await serve(folder, { headers: policyWith(), ...options });
  try {
    return await visit(browser, `${server.url}${page}`);
  } finally {
    await server.close();
  }
}

/** The same in a browser without a driver: the page posts its report to the server. */
export async function visitFolderUndriven(browser, folder, page) {
  const server = await serve(folder, { headers: policyWith() });
  let opened;
  try {
    opened = await browser.openUndriven(`${server.url}${page}?post`);
    return JSON.parse(await within(LIMIT, server.report, () => 'no report was posted'));
  } finally {
    await opened?.close();
    await server.close();
  }
}

/** The development server of a bundler; `argsFor` makes its arguments from a port. */
export async function visitTool(browser, name, argsFor, cwd) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const server = await toolServer(name, argsFor(port), { cwd, url });
  try {
    return await visit(browser, url);
  } catch (error) {
    error.message += `\n${server.tail()}`;
    throw error;
  } finally {
    server.stop();
  }
}

export async function visit(browser, url) {
  const page = await browser.open(url);
  try {
    const { places, complaints } = JSON.parse(await reportIn(page));
    return { places, complaints: [...complaints, ...page.complaints] };
  } finally {
    await page.close();
  }
}

async function reportIn(page) {
  const deadline = performance.now() + LIMIT;
  while (performance.now() < deadline) {
    const text = await page.evaluate('document.querySelector("#report")?.textContent');
    if (text) return text;
    await sleep(50);
  }
  const text = await page.evaluate('document.documentElement.outerHTML');
  throw new Error(
    [`no report within ${LIMIT / 1000} s`, ...page.complaints, text.slice(0, 2000)].join('\n'),
  );
}
