// Deployments of the files that a tracer finds, and of no others.

import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { nodeFileTrace } from '@vercel/nft';
import { pathOfNode } from '../../../tools/engines.mjs';
import { MATRIX } from '../installed-package.mjs';
import { freePort, run, serveWith } from '../processes.mjs';
import { tool, toolVersion } from '../tools.mjs';
import { visit } from '../visit.mjs';

export const TRACED_CELLS = [
  {
    name: 'nft',
    subject: 'Traced by @vercel/nft',
    as: 'import, require',
    variant: 'relaxed',
    run: nft,
  },
  {
    name: 'next-standalone',
    group: 'next',
    subject: 'Next.js',
    as: 'standalone output',
    variant: 'relaxed',
    pool: { server: 'absent', page: 'works', api: 'works' },
    run: nextStandalone,
  },
];

const NODE = pathOfNode(24);

async function nft({ makeApp }) {
  const app = makeApp('nft', 'apps/engine');
  const places = {};
  for (const [place, file] of Object.entries({ import: 'import.mjs', require: 'require.cjs' })) {
    const { fileList } = await nodeFileTrace([join(app, file)], { base: app });
    const deploy = (folder) => {
      for (const path of fileList) cpSync(join(app, path), join(folder, path));
    };
    const start = async (cwd) => JSON.parse(await run(NODE, [file], { cwd }));
    places[place] = await deployed(deploy, start);
  }
  return { version: toolVersion('@vercel/nft'), places, complaints: [] };
}

/** A page, and an API of the server, which is not bundled. */
async function nextStandalone({ makeApp, browsers }) {
  const app = makeApp('next-standalone', 'apps/next', 'apps/standalone');
  await tool('next', ['build'], { cwd: app, env: { TRACING_ROOT: MATRIX } });
  const inside = relative(MATRIX, app);
  const deploy = (folder) => {
    cpSync(join(app, '.next/standalone'), folder, { recursive: true });
    const served = join(folder, inside, '.next/static');
    cpSync(join(app, '.next/static'), served, { recursive: true });
  };
  const chromium = await browsers.get('chromium');
  const seen = await deployed(deploy, async (folder) => {
    const cwd = join(folder, inside);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const env = { PORT: String(port), HOSTNAME: '127.0.0.1' };
    const server = await serveWith(NODE, ['server.js'], { cwd, url, env });
    try {
      const { places, complaints } = await visit(chromium, url);
      const api = await (await fetch(`${url}api/attention`)).json();
      return { places: { ...places, api }, complaints };
    } catch (error) {
      error.message += `\n${server.tail()}`;
      throw error;
    } finally {
      server.stop();
    }
  });
  return { version: toolVersion('next'), ...seen };
}

/** Runs `start(folder)` in a folder that has only what `deploy(folder)` puts there. */
async function deployed(deploy, start) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'qkv-traced-')));
  try {
    deploy(folder);
    return await start(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
