// A small app in each bundler: built and served under a strict Content-Security-Policy, and, where the
// bundler has a development server, from that.

import { copyFileSync, cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../processes.mjs';
import { serveFolder } from '../static-server.mjs';
import { tool, toolServer, toolVersion } from '../tools.mjs';
import { visit } from '../visit.mjs';

/** How each is started, and what is done by hand with the files that it does not follow. */
const BUNDLERS = {
  vite: { title: 'Vite', build: ['build'] },
  webpack: {
    title: 'webpack',
    build: ['build', '--mode=production'],
    prepare: pageBesideBundle,
    config: ['apps/webpack'],
  },
  rollup: {
    title: 'Rollup',
    build: ['--config', '--silent'],
    prepare: pageBesideBundle,
    config: ['apps/rollup'],
  },
  esbuild: {
    title: 'esbuild',
    build: ['main.js', '--bundle', '--splitting', '--format=esm', '--outdir=dist'],
    prepare: pageAndFilesBesideBundle,
  },
};
const SERVERS = {
  vite: { args: (port) => ['--host=127.0.0.1', `--port=${port}`, '--strictPort'] },
  webpack: {
    args: (port) => ['serve', '--mode=development', '--host=127.0.0.1', `--port=${port}`],
  },
  esbuild: {
    args: (port) => [...BUNDLERS.esbuild.build, '--servedir=dist', `--serve=127.0.0.1:${port}`],
  },
};

export const BUNDLER_CELLS = Object.entries(BUNDLERS).flatMap(([name, { title }]) => [
  {
    name: `${name}-build`,
    subject: title,
    as: 'built',
    group: name,
    variant: 'relaxed',
    run: (context) => built(context, name),
  },
  ...(name in SERVERS
    ? [
        {
          name: `${name}-serve`,
          subject: title,
          as: 'development server',
          group: name,
          variant: 'relaxed',
          run: (context) => served(context, name),
        },
      ]
    : []),
]);

async function built(context, name) {
  const cwd = makeApp(context, name, `${name}-build`);
  await tool(name, BUNDLERS[name].build, { cwd });
  const server = await serveFolder(join(cwd, 'dist'));
  try {
    return {
      version: toolVersion(name),
      ...(await visit(await context.browser('chromium'), server.url)),
    };
  } finally {
    await server.close();
  }
}

async function served(context, name) {
  const cwd = makeApp(context, name, `${name}-serve`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const server = await toolServer(name, SERVERS[name].args(port), { cwd, url });
  try {
    return { version: toolVersion(name), ...(await visit(await context.browser('chromium'), url)) };
  } finally {
    server.stop();
  }
}

function makeApp({ makeApp }, bundler, name) {
  const { config = [] } = BUNDLERS[bundler];
  const app = makeApp(name, 'apps/bundled', ...config);
  BUNDLERS[bundler].prepare?.(app);
  return app;
}

function pageBesideBundle(app) {
  cpSync(join(app, 'index.html'), join(app, 'dist/index.html'));
}

/** esbuild leaves `new URL('file', import.meta.url)` as it is: the files have to be beside its output. */
function pageAndFilesBesideBundle(app) {
  pageBesideBundle(app);
  const dist = join(app, 'node_modules/qkv/dist');
  for (const file of readdirSync(dist).filter(isFoundByUrl))
    copyFileSync(join(dist, file), join(app, 'dist', file));
}

function isFoundByUrl(file) {
  return file.endsWith('.wasm') || file === 'pool-worker.js';
}
