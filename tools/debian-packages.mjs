// Installs Debian packages if this user may do so without a password. Otherwise it says what to run.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { rethrowUnlessFailed, runLongStep, StepFailed } from './long-step.mjs';

export function isDebianLike() {
  if (process.platform !== 'linux' || !existsSync('/etc/os-release')) return false;
  const release = readFileSync('/etc/os-release', 'utf8');
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release) && onPath('apt-get') !== undefined;
}

/** The path of the first of these programs that is installed. */
export function onPath(...programs) {
  // The PATH of a user often lacks sbin.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
  for (const program of programs) {
    const folder = folders.find((each) => each && existsSync(join(each, program)));
    if (folder) return join(folder, program);
  }
  return undefined;
}

/** `wanted` is [package, isInstalled()][]. If it may not install, it rejects with the command to run. */
export async function ensureDebianPackages(wanted, { why, log }) {
  const missing = () => wanted.filter(([, isThere]) => !isThere()).map(([name]) => name);
  const packages = missing();
  if (packages.length === 0) return;

  const asRoot = wayToBecomeRoot();
  if (asRoot === undefined) {
    throw new StepFailed(
      `${why} needs these Debian packages. Run this, then the same command again:\n\n` +
        `    sudo apt-get update && sudo apt-get install -y ${packages.join(' ')}\n`,
    );
  }
  const apt = (...args) => {
    const [file, ...rest] = [...asRoot, 'apt-get', ...APT_OPTIONS, ...args];
    return { file, args: rest, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  };
  const install = apt('install', '--no-install-recommends', ...packages);
  const title = `installing ${packages.join(', ')}`;
  if (canInstall(install)) {
    await runLongStep(title, install, { log });
  } else {
    // A new container has no package lists. Old lists name versions that mirrors no longer have.
    await updateLists(apt('update'), log);
    await runLongStep(title, install, { log });
  }
  const still = missing();
  if (still.length > 0)
    throw new StepFailed(`apt-get installed ${still.join(', ')}, but the programs are not on PATH`);
}

// The lock: wait for another apt, for example that of unattended upgrades.
const APT_OPTIONS = [
  '--yes',
  '--quiet',
  '-o',
  'DPkg::Lock::Timeout=300',
  '-o',
  'APT::Sandbox::User=root',
];

function wayToBecomeRoot() {
  if (process.getuid() === 0) return [];
  const sudo = spawnSync('sudo', ['--non-interactive', 'true'], { stdio: 'ignore' });
  return sudo.status === 0 ? ['sudo', '--non-interactive'] : undefined;
}

function canInstall({ file, args, env }) {
  const fetched = spawnSync(file, [...args, '--download-only'], { env, stdio: 'ignore' });
  return fetched.status === 0;
}

async function updateLists(update, log) {
  try {
    await runLongStep('updating the package lists', update, { log });
  } catch (error) {
    // A third-party source may be broken. The installation fails if a package that we need is missing.
    rethrowUnlessFailed(error);
  }
}
