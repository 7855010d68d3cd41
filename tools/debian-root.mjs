// An isolated Debian with the compilers, in the user's cache folder. It changes nothing of the system,
// and all clones of this repository on the machine share it. A hash of the recipe names its folder: a
// new recipe makes a new root, and never changes one that is in use.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ensureDebianPackages, onPath } from './debian-packages.mjs';
import { ROOTS, recipeOf } from './debian-suites.mjs';
import { exclusively } from './exclusive.mjs';
import { rethrowUnlessFailed, run, runLongStep, StepFailed } from './long-step.mjs';

// When this process ends, for whatever reason, mmdebstrap and its children end too. The /proc and /sys
// that it mounts in the unfinished root vanish with its namespaces, so the next run can delete the root.
const DIES_WITH_US = ['--pdeathsig', 'KILL'];
const OWN_NAMESPACES = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const STAMP = 'etc/qkv-toolchain.json';

/** The folder of a root. Makes the root if there is none. */
export async function debianRoot(name) {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'qkv');
  const hash = createHash('sha256').update(JSON.stringify([name, process.arch, recipeOf(name)]));
  const folder = join(cache, `toolchain-${hash.digest('hex').slice(0, 12)}`);
  const log = `${folder}.log`;
  mkdirSync(cache, { recursive: true });
  await ensureDebianPackages(neededPackages(existsSync(join(folder, STAMP))), {
    why: 'The toolchain',
    log,
  });
  insistOnIsolation();
  if (!existsSync(join(folder, STAMP))) {
    const waiting = 'another process is making the toolchain; waiting for it';
    await exclusively(`${folder}.lock`, { waiting }, async (lock) => {
      if (!existsSync(join(folder, STAMP))) await makeRoot(name, folder, log, lock);
    });
  }
  return folder;
}

function neededPackages(rootExists) {
  const toRun = [['bubblewrap', () => onPath('bwrap')]];
  if (rootExists) return toRun;
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  return [
    ...toRun,
    ['mmdebstrap', () => onPath('mmdebstrap')],
    ['debian-archive-keyring', () => existsSync(keyring)],
    ...(process.getuid() === 0 ? [] : [['uidmap', () => onPath('newuidmap')]]),
  ];
}

async function makeRoot(name, folder, log, lock) {
  const { release, size, tried } = ROOTS[name];
  process.stderr.write(
    `Making the toolchain '${name}' of Debian ${release}, once for this machine (1 to 3 minutes, ${size}):\n`,
  );
  const partial = `${folder}.partial`;
  await remove(partial); // an interrupted run left it
  await remove(folder); // without its stamp it is incomplete
  rmSync(log, { force: true });
  const step = (title, file, args) => {
    const invocation = { file, args, inheritedFds: [lock], stopWith: 'SIGKILL' };
    return runLongStep(title, invocation, { log, append: true });
  };
  if (process.getuid() === 0) {
    const make = ['mmdebstrap', '--mode=root', ...recipeOf(name), release, partial];
    await install(step, 'setpriv', [...DIES_WITH_US, ...OWN_NAMESPACES, ...make]);
  } else {
    // mmdebstrap would give the files to subordinate users, and then only those could delete them.
    // Files that tar unpacks belong to the user.
    const archive = `${partial}.tar`;
    mkdirSync(partial);
    const make = ['mmdebstrap', '--mode=unshare', ...recipeOf(name), release, archive];
    await install(step, 'setpriv', [...DIES_WITH_US, ...make]);
    const unpack = [
      '--extract',
      `--file=${archive}`,
      `--directory=${partial}`,
      '--exclude=./dev/*',
    ];
    await step('unpacking', 'tar', [...unpack, '--no-same-owner', '--mode=u+rwX']);
    await remove(archive);
  }
  const { file, args } = enterRoot(partial, [], tried);
  await step(`trying ${tried[0]}`, file, args);
  writeFileSync(join(partial, STAMP), `${JSON.stringify({ name, recipe: recipeOf(name) })}\n`);
  renameSync(partial, folder);
}

async function install(step, file, args) {
  try {
    await step('Debian packages', file, args);
  } catch (error) {
    rethrowUnlessFailed(error);
    error.message +=
      '\nThe packages come from a Debian mirror over the network. If the lines above say that it cannot ' +
      'be reached or\nlacks a file, wait or repair the network, and run the same command again.';
    throw error;
  }
}

// rm has --one-file-system, which node:fs lacks: it never empties a folder that is mounted in there.
function remove(path) {
  return run('rm', ['-rf', '--one-file-system', path], { name: `removing ${path}` });
}

/** The command line that runs `command` in the root, where the `shared` folders keep their paths. */
export function enterRoot(root, shared, command, cwd = '/') {
  const isolation = ['--die-with-parent', '--unshare-pid', '--unshare-ipc', '--unshare-uts'];
  const folders = ['--bind', root, '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'];
  const binds = shared.flatMap((folder) => ['--bind', folder, folder]);
  return { file: 'bwrap', args: [...isolation, ...folders, ...binds, '--chdir', cwd, ...command] };
}

// Fails before minutes are spent on a root that cannot be entered.
function insistOnIsolation() {
  const args = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--unshare-pid', 'true'];
  const tried = spawnSync('bwrap', args, { encoding: 'utf8' });
  if (tried.status === 0) return;
  throw new StepFailed(
    `bubblewrap cannot make namespaces here: ${(tried.stderr || String(tried.error)).trim()}\n` +
      'In a container, start it with --privileged; on Ubuntu, allow them with\n\n' +
      '    sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0\n\n' +
      'or put emsdk, CMake and Ninja on PATH. Then run the same command again.',
  );
}
