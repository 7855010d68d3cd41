// An isolated Debian 13 with the compilers, in the user's cache folder: nothing of the system is
// touched, and every clone of this repository on the machine shares it. Its folder is named by a hash
// of its recipe, so a new recipe makes a new root and never changes one that is in use.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ensureDebianPackages, onPath } from './debian-packages.mjs';
import { exclusively } from './exclusive.mjs';
import { ended, runLongStep, StepFailed } from './long-step.mjs';

const SUITE = 'trixie';
const PACKAGES = [
  // the WebAssembly compiler, the lanes, and wasm-dis to look into what came out
  ...['emscripten', 'binaryen', 'libxsimd-dev'],
  // clang 19, the same compiler, for the native build; its sanitizers, formatter and linter
  ...['clang-19', 'libclang-rt-19-dev', 'libstdc++-14-dev', 'libc6-dev', 'libbenchmark-dev'],
  ...['clang-format-19', 'clang-tidy-19', 'llvm-19'],
  ...['cmake', 'ninja-build', 'ca-certificates'],
];
// A third of the root's size, which no build of ours reads.
const LEFT_OUT = [
  '/usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten/*pic/*',
  ...['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*'],
];
export const CATCH2_SOURCE = '/opt/catch2';
const HOOKS = [
  // Debian's libcatch2-dev is a native library; WebAssembly needs the source. The upstream part of the
  // source package (the orig tarball) is all of it. Any mirror that has the one has the other.
  `--setup-hook=sed -n 's/^deb /deb-src /p' "$1/etc/apt/sources.list" > "$1/etc/apt/sources.list.d/source.list"`,
  `--customize-hook=mkdir -p "$1${CATCH2_SOURCE}" "$1/var/tmp/catch2"`,
  `--customize-hook=cd "$1/var/tmp/catch2" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get source --download-only catch2`,
  `--customize-hook=tar --extract --file="$(echo "$1"/var/tmp/catch2/catch2_*.orig.tar.*)" --directory="$1${CATCH2_SOURCE}" --strip-components=1`,
  `--customize-hook=sha256sum "$1"/var/tmp/catch2/catch2_*.orig.tar.* && rm -r "$1/var/tmp/catch2"`,
];
const RECIPE = [
  ...['--variant=apt', `--include=${PACKAGES.join(',')}`],
  ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
  ...HOOKS,
];
// However we end, mmdebstrap and all it started end as well, and so do the /proc and /sys that it
// mounts in the half-made root: they are in namespaces of their own, which the next run can delete.
const DIES_WITH_US = ['--pdeathsig', 'KILL'];
const OWN_NAMESPACES = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const STAMP = 'etc/qkv-toolchain.json';

/** The folder of the root; made first if there is none. */
export async function debianRoot() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'qkv');
  const hash = createHash('sha256').update(JSON.stringify([SUITE, process.arch, RECIPE]));
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
      if (!existsSync(join(folder, STAMP))) await makeRoot(folder, log, lock);
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

async function makeRoot(folder, log, lock) {
  process.stderr.write('Making the toolchain once for this machine (1 to 3 minutes, 2 GB):\n');
  const partial = `${folder}.partial`;
  await remove(partial); // of an interrupted run
  await remove(folder); // without its stamp it is not whole
  rmSync(log, { force: true });
  const step = (title, file, args) => {
    const invocation = { file, args, inheritedFds: [lock], stopWith: 'SIGKILL' };
    return runLongStep(title, invocation, { log, append: true });
  };
  if (process.getuid() === 0) {
    const make = ['mmdebstrap', '--mode=root', ...RECIPE, SUITE, partial];
    await step('Debian packages', 'setpriv', [...DIES_WITH_US, ...OWN_NAMESPACES, ...make]);
  } else {
    // In a user's own namespace the files would belong to subordinate users, who alone could
    // delete them. Unpacked from an archive they belong to the user.
    const archive = `${partial}.tar`;
    mkdirSync(partial);
    const make = ['mmdebstrap', '--mode=unshare', ...RECIPE, SUITE, archive];
    await step('Debian packages', 'setpriv', [...DIES_WITH_US, ...make]);
    const unpack = [
      '--extract',
      `--file=${archive}`,
      `--directory=${partial}`,
      '--exclude=./dev/*',
    ];
    await step('unpacking', 'tar', [...unpack, '--no-same-owner', '--mode=u+rwX']);
    await remove(archive);
  }
  const { file, args } = enterRoot(partial, [], ['emcc', '--version']);
  await step('trying emcc', file, args);
  writeFileSync(join(partial, STAMP), `${JSON.stringify({ suite: SUITE, recipe: RECIPE })}\n`);
  renameSync(partial, folder);
}

// rm, not node:fs, for --one-file-system: nothing that is mounted in there can ever be emptied.
async function remove(path) {
  const { ok } = await ended(spawn('rm', ['-rf', '--one-file-system', path], { stdio: 'inherit' }));
  if (!ok) throw new StepFailed(`cannot remove ${path}`);
}

/** The command line that runs `command` in the root, seeing the folders in `shared` as they are. */
export function enterRoot(root, shared, command, cwd = '/') {
  const isolation = ['--die-with-parent', '--unshare-pid', '--unshare-ipc', '--unshare-uts'];
  const folders = ['--bind', root, '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'];
  const binds = shared.flatMap((folder) => ['--bind', folder, folder]);
  return { file: 'bwrap', args: [...isolation, ...folders, ...binds, '--chdir', cwd, ...command] };
}

// Before minutes are spent on a root that could not be entered.
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
