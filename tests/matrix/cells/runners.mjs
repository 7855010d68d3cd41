// Test runners, which replace globals by those of a page that they imitate.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tool, toolVersion } from '../tools.mjs';

const RUNNERS = {
  jest: { title: 'Jest', environments: ['node', 'jsdom'], run: inJest },
  vitest: { title: 'Vitest', environments: ['node', 'jsdom', 'happy-dom'], run: inVitest },
};

export const RUNNER_CELLS = Object.entries(RUNNERS).flatMap(([group, { title, ...runner }]) =>
  runner.environments.map((environment) => ({
    name: `${group}-${environment}`,
    group,
    subject: title,
    as: environment,
    variant: 'relaxed',
    async run({ makeApp }) {
      const cwd = makeApp(`${group}-${environment}`, 'apps/runners');
      const places = await runner.run(cwd, environment);
      return { version: toolVersion(group), places, complaints: [] };
    },
  })),
);

/** As ES modules, and as the CommonJS that a transform makes of them, which calls require('qkv'). */
async function inJest(cwd, environment) {
  const args = ['--rootDir=.', `--testEnvironment=${environment}`, '--transform={}'];
  const match = (file) => [...args, `--testMatch=**/${file}`];
  const NODE_OPTIONS = '--experimental-vm-modules --no-warnings';
  await tool('jest', match('qkv.test.mjs'), { cwd, env: { NODE_OPTIONS } });
  const modules = reportIn(cwd);

  const external = ['--external:qkv', '--external:qkv/pool'];
  const transform = ['--bundle', '--platform=node', '--format=cjs', ...external];
  await tool('esbuild', ['qkv.test.mjs', ...transform, '--outfile=qkv.test.cjs'], { cwd });
  await tool('jest', match('qkv.test.cjs'), { cwd });
  return { modules, commonjs: reportIn(cwd) };
}

async function inVitest(cwd, environment) {
  await tool('vitest', ['run', '--globals', `--environment=${environment}`], { cwd });
  return { modules: reportIn(cwd) };
}

function reportIn(cwd) {
  const file = join(cwd, 'report.json');
  const report = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file); // so that the next run cannot pass with it
  return report;
}
