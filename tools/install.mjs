// Runs `npm ci` if the lock file changed, node_modules is missing, or a package in it is missing.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runLongStep } from './long-step.mjs';
import { asCommand, isCommand, PROJECT } from './project.mjs';

/** Installs into `folder`/node_modules what `folder`/package-lock.json lists. */
export async function installPackages(folder, title) {
  const stamp = join(folder, 'node_modules/.qkv-installed');
  const wanted = fingerprint(folder);
  if (readIfThere(stamp) === wanted && isWhole(folder)) return;

  // A prefix in the environment is that of the npm which started this process.
  const env = Object.entries(process.env).filter(
    ([name]) => !/^npm_config_(local_)?prefix$/i.test(name),
  );
  await runLongStep(
    title,
    { ...npm('ci', '--no-progress'), cwd: folder, env: Object.fromEntries(env) },
    { log: join(PROJECT, 'build/logs', `${title.replaceAll(' ', '-')}.log`) },
  );
  writeFileSync(stamp, wanted);
}

/** How to start npm: the npm that started this process, else the npm on PATH. */
export function npm(...args) {
  const program = process.env.npm_execpath;
  if (program?.endsWith('.js')) return { file: process.execPath, args: [program, ...args] };
  return { file: 'npm', args };
}

// Packages with binaries differ by machine and by Node, and two of them may share the folder.
function fingerprint(folder) {
  const { platform, arch, versions } = process;
  const hash = createHash('sha256').update(`${platform} ${arch} ${versions.modules}`);
  return hash.update(readFileSync(join(folder, 'package-lock.json'))).digest('hex');
}

// npm lists in that file what it installed. A package is missing if somebody deleted it or the disk was full.
function isWhole(folder) {
  const installed = readIfThere(join(folder, 'node_modules/.package-lock.json'));
  if (!installed) return false;
  const places = Object.keys(JSON.parse(installed).packages);
  return places.every((place) => existsSync(join(folder, place, 'package.json')));
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

if (isCommand(import.meta.url)) await asCommand(() => installPackages(PROJECT, 'npm packages'));
