// The Node versions that the tests run in. They are npm packages of tests/engines, so the machine's own Node
// may be any. The package promises to work in Node 20; relaxed SIMD needs Node 22.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { installPackages } from './install.mjs';
import { asCommand, isCommand, PROJECT } from './project.mjs';

const FOLDER = join(PROJECT, 'tests/engines');
const MAJORS = [20, 24];
const SUFFIXES = { 'linux x64': '', 'linux arm64': '-arm64' };
const suffix = SUFFIXES[`${process.platform} ${process.arch}`];

/** The Node of that major version. If npm has none for this machine, the Node of this process. */
export function pathOfNode(major) {
  if (suffix === undefined) return process.execPath;
  return join(FOLDER, 'node_modules', `node${major}${suffix}`, 'bin/node');
}

/** [{ version, path }], oldest first. The Node of this process is included if its major version is another. */
export async function installEngines() {
  const current = { version: process.versions.node, path: process.execPath };
  if (suffix === undefined) {
    console.log(
      `no Node ${MAJORS.join(', ')} from npm for this machine: testing on ${current.version} only`,
    );
    return [current];
  }
  await installPackages(FOLDER, 'Node versions for tests');
  const engines = MAJORS.map((major) => ({
    version: versionOf(pathOfNode(major)),
    path: pathOfNode(major),
  }));
  const isAnother = !MAJORS.includes(Number.parseInt(current.version, 10));
  if (isAnother) engines.push(current);
  return engines.sort((a, b) => Number.parseInt(a.version, 10) - Number.parseInt(b.version, 10));
}

function versionOf(path) {
  return spawnSync(path, ['--print', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
}

if (isCommand(import.meta.url)) await asCommand(async () => console.table(await installEngines()));
