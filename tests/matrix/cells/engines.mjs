// JavaScript engines without a browser: a program that imports the package by its name.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOfNode } from '../../../tools/engines.mjs';
import { MATRIX } from '../installed-package.mjs';
import { freePort, run, serveWith } from '../processes.mjs';
import { tool } from '../tools.mjs';

const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const inMatrix = (path) => join(MATRIX, 'node_modules', path);
const NODES = {
  20: pathOfNode(20),
  22: inMatrix(arch === 'x64' ? 'node22/bin/node' : 'node22-arm64/bin/node'),
  24: pathOfNode(24),
  26: inMatrix(arch === 'x64' ? 'node26/bin/node' : 'node26-arm64/bin/node'),
};
const BUN = inMatrix(`@oven/bun-linux-${arch === 'x64' ? 'x64' : 'aarch64'}/bin/bun`);
const DENO = inMatrix(`@deno/linux-${arch}-glibc/deno`);
const WORKERD = inMatrix(
  `@cloudflare/workerd-linux-${arch === 'x64' ? '64' : 'arm64'}/bin/workerd`,
);

/** The ways to import the package. */
const PROGRAMS = { import: 'import.mjs', require: 'require.cjs' };

const nodes = Object.entries(NODES).map(([major, path]) => ({
  name: `node${major}`,
  subject: `Node ${major}`,
  as: 'import, require',
  group: 'engines',
  // Relaxed SIMD is on since 22.
  variant: major === '20' ? 'simd' : 'relaxed',
  run: (context) => program(context, `node${major}`, path),
}));

export const ENGINES = [
  ...nodes,
  {
    name: 'bun',
    subject: 'Bun',
    as: 'import, require',
    group: 'engines',
    variant: 'relaxed',
    run: (context) => program(context, 'bun', BUN),
  },
  {
    name: 'deno',
    subject: 'Deno',
    as: 'import, require',
    group: 'engines',
    variant: 'relaxed',
    run: (context) => program(context, 'deno', DENO, ['run', '--no-remote', '--allow-read']),
  },
  {
    name: 'workerd',
    subject: 'Cloudflare workerd',
    as: 'module worker',
    group: 'engines',
    variant: 'relaxed',
    pool: 'refused', // no threads there
    run: (context) => workerd(context, 'workerd'),
  },
  {
    name: 'workerd-2024',
    subject: 'Cloudflare workerd',
    as: 'compatibility date 2024-01-01',
    group: 'engines',
    variant: 'relaxed',
    pool: 'refused',
    run: (context) => workerd(context, 'workerd-2024', '2024-01-01'),
  },
];

async function program({ makeApp }, name, engine, options = []) {
  const cwd = makeApp(name, 'apps/engine');
  const version = await run(engine, ['--version'], { cwd });
  const places = {};
  for (const [place, file] of Object.entries(PROGRAMS))
    places[place] = JSON.parse(await run(engine, [...options, file], { cwd }));
  return { version: /\d+\.\d+\.\d+/.exec(version)[0], places, complaints: [] };
}

// As wrangler bundles: esbuild with the condition `workerd`, and each .wasm a module beside the bundle.
// A compatibility date takes away what came later, such as FinalizationRegistry.
async function workerd({ makeApp }, name, compatibilityDate) {
  const cwd = makeApp(name, 'apps/workerd');
  if (compatibilityDate) setDate(join(cwd, 'config.capnp'), compatibilityDate);
  mkdirSync(join(cwd, 'dist'));
  const options = [
    '--bundle',
    '--format=esm',
    '--conditions=workerd,worker,browser',
    '--external:*.wasm',
  ];
  await tool('esbuild', ['worker.js', ...options, '--outdir=dist'], { cwd });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const server = await serveWith(
    WORKERD,
    ['serve', 'config.capnp', `--socket-addr=http=127.0.0.1:${port}`],
    {
      cwd,
      url,
    },
  );
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
    if (!response.ok)
      throw new Error(`${response.status} ${await response.text()}\n${server.tail()}`);
    const version = await run(WORKERD, ['--version'], { cwd });
    return { version: version.trim().replace('workerd ', ''), ...(await response.json()) };
  } finally {
    server.stop();
  }
}

function setDate(config, date) {
  const text = readFileSync(config, 'utf8');
  const changed = text.replace(/(compatibilityDate = )"[^"]*"/, `$1"${date}"`);
  if (changed === text) throw new Error(`no compatibilityDate in ${config}`);
  writeFileSync(config, changed);
}
