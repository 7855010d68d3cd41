// A small app in each bundler: built and served under a strict Content-Security-Policy, and served by the bundler's
// development server, if it has one.

import { join } from 'node:path';
import { pageAndFilesBesideBundle, pageBesideBundle } from '../beside-bundle.mjs';
import { tool, toolVersion } from '../tools.mjs';
import { visitFolder, visitTool } from '../visit.mjs';

const ESBUILD = ['main.js', '--bundle', '--splitting', '--format=esm', '--outdir=dist'];

const VITE = {
  title: 'Vite',
  build: ['build'],
  serve: (port) => ['--host=127.0.0.1', `--port=${port}`, '--strictPort'],
};

/** `serve` makes the arguments of the development server from a port. */
const BUNDLERS = {
  vite: VITE,
  vite7: { ...VITE, title: 'Vite 7', config: ['apps/vite7'] },
  webpack: {
    title: 'webpack',
    config: ['apps/webpack'],
    prepare: pageBesideBundle,
    build: ['build', '--mode=production'],
    serve: (port) => ['serve', '--mode=development', '--host=127.0.0.1', `--port=${port}`],
  },
  rollup: {
    title: 'Rollup',
    config: ['apps/rollup'],
    prepare: pageBesideBundle,
    build: ['--config', '--silent'],
  },
  esbuild: {
    title: 'esbuild',
    prepare: pageAndFilesBesideBundle,
    build: ESBUILD,
    serve: (port) => [...ESBUILD, '--servedir=dist', `--serve=127.0.0.1:${port}`],
  },
};

const cells = Object.entries(BUNDLERS).flatMap(([name, { title, serve }]) => {
  const cell = { group: name, subject: title, variant: 'relaxed' };
  const cells = [
    { ...cell, name: `${name}-build`, as: 'built', run: (context) => built(context, name) },
  ];
  if (serve)
    cells.push({
      ...cell,
      name: `${name}-serve`,
      as: 'development server',
      run: (context) => served(context, name),
    });
  return cells;
});

export const BUNDLER_CELLS = [
  ...cells,
  {
    name: 'esbuild-inline',
    group: 'esbuild',
    subject: 'esbuild',
    as: 'built with qkv/inline',
    variant: 'relaxed',
    pool: 'absent',
    run: builtInline,
  },
];

async function built({ makeApp, browsers }, name) {
  const cwd = appOf(makeApp, name, 'build');
  await tool(name, BUNDLERS[name].build, { cwd });
  const seen = await visitFolder(await browsers.get('chromium'), join(cwd, 'dist'));
  return { version: toolVersion(name), ...seen };
}

/** One file: esbuild writes no other here. */
async function builtInline({ makeApp, browsers }) {
  const cwd = makeApp('esbuild-inline', 'apps/bundled', 'apps/inline');
  pageBesideBundle(cwd);
  await tool('esbuild', ESBUILD, { cwd });
  const seen = await visitFolder(await browsers.get('chromium'), join(cwd, 'dist'));
  return { version: toolVersion('esbuild'), ...seen };
}

async function served({ makeApp, browsers }, name) {
  const cwd = appOf(makeApp, name, 'serve');
  const seen = await visitTool(await browsers.get('chromium'), name, BUNDLERS[name].serve, cwd);
  return { version: toolVersion(name), ...seen };
}

function appOf(makeApp, bundler, purpose) {
  const { config = [], prepare } = BUNDLERS[bundler];
  const app = makeApp(`${bundler}-${purpose}`, 'apps/bundled', ...config);
  prepare?.(app);
  return app;
}
