// Builds the package in another folder, as a fresh clone does.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npm } from '../install.mjs';
import { runLongStep, StepFailed } from '../long-step.mjs';
import { PROJECT } from '../project.mjs';

/** Copies the files that git tracks into `folder`, and builds and packs there. Resolves to the tarball's path. */
export async function buildClean(folder, log) {
  rmSync(folder, { recursive: true, force: true });
  for (const path of sources()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(PROJECT, path), join(folder, path));
  }
  // Both folders have the same npm packages. The toolchain's root sees only `folder`, so the Node versions that
  // it runs must be files in there.
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  const engines = 'tests/engines/node_modules';
  if (existsSync(join(PROJECT, engines))) linkTree(join(PROJECT, engines), join(folder, engines));

  const step = (title, { file, args }) =>
    runLongStep(title, { file, args, cwd: folder }, { log, append: true });
  const node = (...args) => ({ file: process.execPath, args });
  rmSync(log, { force: true });
  await step(`building in ${folder}`, node('tools/build.mjs', 'core', 'bindings'));
  await step('writing the bill of materials', node('tools/release/sbom.mjs'));
  const pack = npm(
    'pack',
    '--workspace',
    'bindings',
    '--ignore-scripts',
    '--pack-destination',
    '.',
  );
  await step('packing', pack);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  return join(folder, tarball);
}

function sources() {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: PROJECT, encoding: 'utf8' });
  if (status !== 0) throw new StepFailed(`git ${args.join(' ')}: ${stderr}`);
  return stdout.split('\0').filter((path) => path !== '' && existsSync(join(PROJECT, path)));
}

/** Makes hard links if it can, because the Node versions are some 200 MB. */
function linkTree(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  const { status } = spawnSync('cp', ['--archive', '--link', from, to]);
  if (status !== 0) cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}
