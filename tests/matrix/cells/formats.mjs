// Bundles that are no ES modules: CommonJS for Node, and a classic script for a page. Only what the bundler wrote is
// deployed.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathOfNode } from '../../../tools/engines.mjs';
import { pageBesideBundle } from '../beside-bundle.mjs';
import { run } from '../processes.mjs';
import { tool, toolVersion } from '../tools.mjs';
import { visitFolder } from '../visit.mjs';

/** `program` makes dist/program.cjs, `script` makes dist/main.js. */
const BUNDLERS = {
  webpack: {
    program: ['build', '--mode=production', '--config=webpack.program.mjs'],
    script: ['build', '--mode=production'],
  },
  rollup: {
    program: ['--config=rollup.program.mjs', '--silent'],
    script: ['--config=rollup.script.mjs', '--silent'],
  },
  // It does not copy files, so qkv/inline is the entry.
  esbuild: {
    isInline: true,
    program: [
      ...['program.js', '--bundle', '--platform=node', '--format=cjs'],
      '--outfile=dist/program.cjs',
    ],
    script: ['main.js', '--bundle', '--format=iife', '--outdir=dist'],
  },
};
const TITLES = { webpack: 'webpack', rollup: 'Rollup', esbuild: 'esbuild' };

export const FORMAT_CELLS = Object.entries(BUNDLERS).flatMap(([name, { isInline }]) => {
  const cell = { group: name, subject: TITLES[name], variant: 'relaxed' };
  const entry = isInline ? ' with qkv/inline' : '';
  return [
    {
      ...cell,
      name: `${name}-commonjs`,
      as: `CommonJS${entry}`,
      pool: 'absent',
      run: (context) => program(context, name),
    },
    {
      ...cell,
      name: `${name}-script`,
      as: `classic script${entry}`,
      pool: isInline ? 'absent' : 'works',
      run: (context) => script(context, name),
    },
  ];
});

async function program(context, name) {
  const cwd = appOf(context, name, 'commonjs');
  await tool(name, BUNDLERS[name].program, { cwd });
  deployAlone(cwd);
  const report = JSON.parse(await run(pathOfNode(24), ['dist/program.cjs'], { cwd }));
  return { version: toolVersion(name), places: { program: report }, complaints: [] };
}

async function script(context, name) {
  const cwd = appOf(context, name, 'script');
  pageBesideBundle(cwd);
  await tool(name, BUNDLERS[name].script, { cwd });
  deployAlone(cwd);
  const seen = await visitFolder(await context.browsers.get('chromium'), join(cwd, 'dist'));
  return { version: toolVersion(name), ...seen };
}

function appOf({ makeApp }, name, purpose) {
  const { isInline } = BUNDLERS[name];
  const templates = ['apps/bundled', 'apps/formats', `apps/${isInline ? 'inline' : name}`];
  return makeApp(`${name}-${purpose}`, ...templates);
}

/** A bundle may name files of the machine that made it. */
function deployAlone(cwd) {
  rmSync(join(cwd, 'node_modules'), { recursive: true });
}
