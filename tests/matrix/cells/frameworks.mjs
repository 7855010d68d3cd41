// Frameworks that run the same modules on the server and in the page.

import { tool, toolVersion } from '../tools.mjs';
import { visitTool } from '../visit.mjs';

export const FRAMEWORK_CELLS = [
  { name: 'next-build', as: 'built', run: (context) => next(context, 'start') },
  {
    name: 'next-webpack',
    as: 'built by webpack',
    run: (context) => next(context, 'start', ['--webpack']),
  },
  { name: 'next-dev', as: 'development server', run: (context) => next(context, 'dev') },
].map((cell) => ({
  ...cell,
  group: 'next',
  subject: 'Next.js',
  variant: 'relaxed',
  pool: { server: 'absent', page: 'works' },
}));

/** The page holds the server's report and adds its own. */
async function next({ makeApp, browsers }, mode, options = []) {
  const cwd = makeApp(`next-${[mode, ...options].join('')}`, 'apps/next');
  if (mode === 'start') await tool('next', ['build', ...options], { cwd });
  const args = (port) => [mode, `--port=${port}`, '--hostname=127.0.0.1'];
  const seen = await visitTool(await browsers.get('chromium'), 'next', args, cwd);
  return { version: toolVersion('next'), ...seen };
}
