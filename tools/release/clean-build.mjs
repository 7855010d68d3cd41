// Builds the package as a fresh clone would, in a folder of its own.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npm } from '../install.mjs';
import { runLongStep, StepFailed } from '../long-step.mjs';
import { PROJECT } from '../project.mjs';

/** Copies what git knows of into `folder`, builds and packs there. Resolves to the path of the tarball. */
export async function buildClean(folder, log) {
  rmSync(folder, { recursive: true, force: true });
  for (const path of sources()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(PROJECT, path), join(folder, path));
  }
  // Packages are what the lock file says in either folder; those that the sandbox runs must be inside.
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

/** Hard links where that can be done: the engines are some 200 MB. */
function linkTree(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  const { status } = spawnSync('cp', ['--archive', '--link', from, to]);
  if (status !== 0) cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}
