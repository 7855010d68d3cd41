// Frameworks that run the same modules on the server and in the page.

import { freePort } from '../processes.mjs';
import { tool, toolServer, toolVersion } from '../tools.mjs';
import { visit } from '../visit.mjs';

export const FRAMEWORK_CELLS = [
  {
    name: 'next-build',
    subject: 'Next.js',
    as: 'built',
    group: 'next',
    variant: 'relaxed',
    run: (context) => next(context, 'start'),
  },
  {
    name: 'next-dev',
    subject: 'Next.js',
    as: 'development server',
    group: 'next',
    variant: 'relaxed',
    run: (context) => next(context, 'dev'),
  },
];

/** Its page holds the report of the server, and adds its own. */
async function next({ makeApp, browser }, mode) {
  const cwd = makeApp(`next-${mode}`, 'apps/next');
  if (mode === 'start') await tool('next', ['build'], { cwd });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const server = await toolServer('next', [mode, `--port=${port}`, '--hostname=127.0.0.1'], {
    cwd,
    url,
  });
  try {
    return { version: toolVersion('next'), ...(await visit(await browser('chromium'), url)) };
  } finally {
    server.stop();
  }
}
