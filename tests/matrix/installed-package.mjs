// The package as users get it: packed, installed by npm into an empty folder without a network, and copied into
// the apps of the cells.

import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from '../../tools/install.mjs';
import { PROJECT } from '../../tools/project.mjs';
import { run } from './processes.mjs';

export const MATRIX = join(PROJECT, 'tests/matrix');
/** Below tests/matrix, so that imports find its node_modules. */
const WORK = join(MATRIX, 'build');

/** Resolves to { tarball, makeApp(name, …templates), makeFolder(name, …templates) }; apps have the package installed. */
export async function packAndInstall() {
  rmSync(WORK, { recursive: true, force: true });
  const folder = join(WORK, 'installed');
  mkdirSync(folder, { recursive: true });
  const [{ filename }] = JSON.parse(
    await runNpm(
      PROJECT,
      'pack',
      '--workspace',
      'bindings',
      '--json',
      '--ignore-scripts',
      '--pack-destination',
      WORK,
    ),
  );
  const tarball = join(WORK, filename);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  await runNpm(folder, 'install', '--offline', tarball);
  return {
    tarball,
    makeFolder,
    makeApp: (name, ...templates) => {
      cpSync(folder, join(WORK, name), { recursive: true });
      return makeFolder(name, ...templates);
    },
  };
}

/** A folder with these folders of tests/matrix in it, and the probe. */
function makeFolder(name, ...templates) {
  const made = join(WORK, name);
  cpSync(join(MATRIX, 'probe'), join(made, 'probe'), { recursive: true });
  for (const template of templates) cpSync(join(MATRIX, template), made, { recursive: true });
  return made;
}

function runNpm(cwd, ...args) {
  const { file, args: all } = npm(...args);
  return run(file, all, { cwd });
}
