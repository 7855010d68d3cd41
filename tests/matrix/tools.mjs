// The bundlers of tests/matrix, each started by its own command in a Node that is new enough for all.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOfNode } from '../../tools/engines.mjs';
import { MATRIX } from './installed-package.mjs';
import { run, serveWith } from './processes.mjs';

const PACKAGES = join(MATRIX, 'node_modules');
const NODE = pathOfNode(24);
const SCRIPTS = {
  vite: 'vite/bin/vite.js',
  vite7: 'vite7/bin/vite.js',
  webpack: 'webpack-cli/bin/cli.js',
  rollup: 'rollup/dist/bin/rollup',
  next: 'next/dist/bin/next',
  pnpm: 'pnpm/bin/pnpm.mjs',
  typescript: 'typescript/bin/tsc',
  jest: 'jest/bin/jest.js',
  vitest: 'vitest/vitest.mjs',
};
// No questions about telemetry or updates, no colours.
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1', CI: 'true' };

export function tool(name, args, { cwd, env }) {
  const [file, ...first] = command(name);
  return run(file, [...first, ...args], { cwd, env: { ...QUIET, ...env } });
}

export function toolServer(name, args, { cwd, url }) {
  const [file, ...first] = command(name);
  return serveWith(file, [...first, ...args], { cwd, url, env: QUIET });
}

export function toolVersion(name) {
  return JSON.parse(readFileSync(join(PACKAGES, name, 'package.json'), 'utf8')).version;
}

function command(name) {
  if (name === 'esbuild') return [join(PACKAGES, 'esbuild/bin/esbuild')];
  return [NODE, join(PACKAGES, SCRIPTS[name])];
}
