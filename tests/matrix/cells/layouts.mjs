// Layouts and deployments of apps: symlinks, folders, origins.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOfNode } from '../../../tools/engines.mjs';
import { policyWith, serve } from '../../server.mjs';
import { pageBesideBundle } from '../beside-bundle.mjs';
import { BROWSERS } from '../browsers.mjs';
import { run } from '../processes.mjs';
import { tool, toolVersion } from '../tools.mjs';
import { visitFolder, visitTool } from '../visit.mjs';

const BASE = '/some/path/';

export const LAYOUT_CELLS = [
  { name: 'pnpm', subject: 'pnpm workspace', as: 'Node, Vite', variant: 'relaxed', run: pnpm },
  {
    name: 'sub-path',
    subject: 'Below a path',
    as: 'Vite, webpack, module script',
    variant: 'relaxed',
    run: belowPath,
  },
  ...Object.entries(BROWSERS).map(([browser, { title, variant }]) => ({
    name: `cdn-${browser}`,
    group: 'cdn',
    subject: 'From another origin',
    as: title,
    variant,
    run: (context) => fromAnotherOrigin(context, browser),
  })),
];

/** A package of the workspace uses qkv, an app uses that package; both reach it through symlinks. */
async function pnpm({ makeFolder, tarball, browsers }) {
  const root = makeFolder('pnpm', 'apps/pnpm');
  copyFileSync(tarball, join(root, 'qkv.tgz'));
  await tool('pnpm', ['install', '--offline', '--no-frozen-lockfile', '--store-dir=store'], {
    cwd: root,
  });
  const cwd = join(root, 'packages/app');
  const program = JSON.parse(await run(pathOfNode(24), ['program.mjs'], { cwd }));
  if (!program.resolved.includes('/node_modules/.pnpm/'))
    throw new Error(`not laid out by pnpm: ${program.resolved}`);
  const chromium = await browsers.get('chromium');
  await tool('vite', ['build'], { cwd });
  const built = await visitFolder(chromium, join(cwd, 'dist'));
  const serve = (port) => ['--host=127.0.0.1', `--port=${port}`, '--strictPort'];
  const served = await visitTool(chromium, 'vite', serve, cwd);
  return { version: toolVersion('pnpm'), ...together({ program, built, served }) };
}

async function belowPath({ makeApp, browsers }) {
  const chromium = await browsers.get('chromium');
  const visitBelow = (folder, page) => visitFolder(chromium, folder, page, { base: BASE });

  const inVite = makeApp('sub-path-vite', 'apps/bundled');
  await tool('vite', ['build', `--base=${BASE}`], { cwd: inVite });
  const vite = await visitBelow(join(inVite, 'dist'));

  const inWebpack = makeApp('sub-path-webpack', 'apps/bundled', 'apps/webpack');
  pageBesideBundle(inWebpack);
  await tool('webpack', ['build', '--mode=production'], { cwd: inWebpack });
  const webpack = await visitBelow(join(inWebpack, 'dist'));

  const plain = await visitBelow(makeApp('sub-path-plain', 'apps/plain'), 'module.html');
  return { version: chromium.version, ...together({ vite, webpack, plain }) };
}

/** The page and its script are of one origin, the package of another, which sends CORS headers. */
async function fromAnotherOrigin({ makeApp, makeFolder, browsers }, name) {
  const browser = await browsers.get(name);
  const cdn = await serve(join(makeApp(`cdn-${name}-files`), 'node_modules'), {
    headers: { 'access-control-allow-origin': '*' },
  });
  try {
    const page = makeFolder(`cdn-${name}`, 'apps/plain');
    const script = join(page, 'module.mjs');
    const text = readFileSync(script, 'utf8');
    writeFileSync(script, text.replaceAll('./node_modules/', cdn.url));
    const { origin } = new URL(cdn.url);
    // The pool's scripts belong to the page's origin and import the package from the other one.
    const headers = policyWith({
      'script-src': origin,
      'connect-src': `'self' ${origin}`,
      'worker-src': `blob: ${origin}`,
    });
    return {
      version: browser.version,
      ...(await visitFolder(browser, page, 'module.html', { headers })),
    };
  } finally {
    await cdn.close();
  }
}

/** The reports of several places as one cell: { places: { name: report }, complaints }. */
function together(seen) {
  const places = {};
  for (const [name, { places: inside }] of Object.entries(seen))
    for (const report of Object.values(inside)) places[name] = report;
  return { places, complaints: Object.values(seen).flatMap(({ complaints }) => complaints) };
}
