// Browsers without a bundler: the files of the package as they are, from a static server with a strict
// Content-Security-Policy.

import { serveFolder } from '../static-server.mjs';
import { visit } from '../visit.mjs';

// Relaxed SIMD: Chrome 114, Firefox 145; WebKit has it switched off.
const BROWSERS = {
  chromium: { subject: 'Chromium', variant: 'relaxed' },
  firefox: { subject: 'Firefox', variant: 'relaxed' },
  webkit: { subject: 'WebKit', variant: 'simd' },
};
const PAGES = {
  module: 'module script',
  worker: 'module worker',
};

export const BROWSER_CELLS = Object.entries(BROWSERS).flatMap(([browser, { subject, variant }]) =>
  Object.entries(PAGES).map(([page, as]) => ({
    name: `${browser}-${page}`,
    subject,
    as,
    group: browser,
    variant,
    run: (context) => plainPage(context, browser, page),
  })),
);

async function plainPage({ makeApp, browser }, name, page) {
  const app = makeApp(`${name}-${page}`, 'apps/plain');
  const server = await serveFolder(app);
  try {
    const opened = await browser(name);
    return { version: opened.version, ...(await visit(opened, `${server.url}${page}.html`)) };
  } finally {
    await server.close();
  }
}
