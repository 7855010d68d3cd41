// Browsers without a bundler: the files of the package as they are, from a static server with a strict
// Content-Security-Policy.

import { BROWSERS } from '../browsers.mjs';
import { visitFolder, visitFolderUndriven } from '../visit.mjs';

const PAGES = {
  module: { as: 'module script' },
  inline: { as: 'qkv/inline', pool: 'absent' },
  classic: { as: 'classic script', pool: 'absent' },
  worker: { as: 'module worker' },
  'audio-worklet': { as: 'audio worklet with qkv/inline', pool: 'absent' },
  'service-worker': { as: 'service worker', pool: 'refused' }, // they may start no worker
};

/** The pool starts workers inside a worker. A driven Firefox sometimes never returns from that. */
const UNDRIVEN = ['firefox-worker'];

export const BROWSER_CELLS = Object.entries(BROWSERS).flatMap(([name, { title, variant }]) =>
  Object.entries(PAGES).map(([page, expected]) => ({
    name: `${name}-${page}`,
    group: name,
    subject: title,
    variant,
    ...expected,
    run: (context) => plainPage(context, name, page),
  })),
);

async function plainPage({ makeApp, browsers }, name, page) {
  const cell = `${name}-${page}`;
  const app = makeApp(cell, 'apps/plain');
  const browser = await browsers.get(name);
  const visit = UNDRIVEN.includes(cell) ? visitFolderUndriven : visitFolder;
  return { version: browser.version, ...(await visit(browser, app, `${page}.html`)) };
}
