// Finds the compilers, or makes them: an emcc that is new enough on PATH, with CMake and Ninja, is
// used as it is; on Debian and Ubuntu an isolated root is made otherwise (debian-root.mjs).
//
//     npm run toolchain -- clang-format-19 --version      runs a command with it

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDebianLike, onPath } from './debian-packages.mjs';
import { CATCH2_SOURCE, debianRoot, enterRoot, whyNoIsolation } from './debian-root.mjs';
import { ended, runLongStep, StepFailed } from './long-step.mjs';

export const PROJECT = realpathSync(dirname(dirname(fileURLToPath(import.meta.url))));

const OLDEST = { emcc: [3, 1, 69], cmake: [3, 25, 0], ninja: [1, 10, 0] };
// Colours and the knobs of the build tools; the rest of the host's environment (paths of its
// compilers, npm's variables) would only mean something else inside the root.
const PASSED_ON = /^(TERM|COLORTERM|NO_COLOR|FORCE_COLOR|CI|(CMAKE|CTEST|NINJA|ASAN|UBSAN|QKV)_\w+)$/;

/** { description, run(program, args), runQuietly(title, program, args), invocation(program, args) } */
export async function findToolchain() {
  const reasons = Object.entries(OLDEST).flatMap(([program, oldest]) => tooOld(program, oldest) ?? []);
  if (reasons.length === 0) return toolchainFrom('on PATH', onThisSystem);
  if (!isDebianLike()) {
    throw new StepFailed(
      `${reasons.join('; ')}. Install CMake, Ninja and emsdk ` +
        '(git clone github.com/emscripten-core/emsdk, ./emsdk install latest, activate latest, ' +
        'source emsdk_env.sh), then run this again.',
    );
  }
  const root = await debianRoot();
  const obstacle = whyNoIsolation();
  if (obstacle) {
    throw new StepFailed(
      `bubblewrap cannot make namespaces here: ${obstacle}\n` +
        'In a container start it with --privileged; on Ubuntu allow them with\n\n' +
        '    sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0\n\n' +
        'or put emsdk, CMake and Ninja on PATH.',
    );
  }
  return toolchainFrom(`in ${root}`, insideRoot(root));
}

function toolchainFrom(place, invocation) {
  return {
    description: `toolchain ${place}`,
    invocation,
    /** With our own terminal; rejects with StepFailed unless it exits with 0. */
    async run(program, args = [], options = {}) {
      const { file, args: argv, env, cwd } = invocation(program, args, options);
      const outcome = await ended(spawn(file, argv, { env, cwd, stdio: 'inherit' }));
      if (!outcome.ok) throw new StepFailed(`${program}: ${outcome.reason}`, outcome.exitCode);
    },
    /** With one line of progress; the output is shown only if it fails. */
    runQuietly(title, program, args, { log, quietWhenFast, ...options }) {
      return runLongStep(title, invocation(program, args, options), { log, quietWhenFast });
    },
  };
}

function onThisSystem(program, args, { cwd = PROJECT, env = {} } = {}) {
  return { file: program, args, cwd, env: { ...process.env, ...nodeForTests(), ...env } };
}

function insideRoot(root) {
  return (program, args, { cwd = PROJECT, env = {} } = {}) => ({
    ...enterRoot(root, [PROJECT], [program, ...args], cwd),
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED_ON.test(name))),
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: '/root',
      LANG: 'C.UTF-8',
      QKV_CATCH2_SOURCE: CATCH2_SOURCE,
      ...nodeForTests(),
      ...env,
    },
  });
}

// The Node that runs WebAssembly tests must have relaxed SIMD: 22 or newer. tests/engines has
// one (engines.mjs installs it before tests run; its path does not depend on that).
function nodeForTests() {
  if (process.env.QKV_NODE) return { QKV_NODE: process.env.QKV_NODE };
  const hasEngines = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
  if (hasEngines) return { QKV_NODE: join(PROJECT, 'tests/engines/node_modules/node24/bin/node') };
  return { QKV_NODE: process.execPath };
}

function tooOld(program, oldest) {
  if (!onPath(program)) return `no ${program} on PATH`;
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  const version = /\b(\d+)\.(\d+)(?:\.(\d+))?/.exec((stdout ?? '').replace(/\([^)]*\)/g, ''));
  const numbers = version?.slice(1).map((digits) => Number(digits ?? 0)) ?? [0];
  const at = numbers.findIndex((number, i) => number !== oldest[i]);
  if (at < 0 || numbers[at] > oldest[at]) return undefined;
  return `${program} is ${numbers.join('.')}, older than ${oldest.join('.')}`;
}

/** Runs a tool's `main`: a failure that has been explained is no reason for a stack trace. */
export async function asCommand(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    if (error.message) process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

if (process.argv[1] && existsSync(process.argv[1]) && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await asCommand(async () => {
    const [program, ...args] = process.argv.slice(2);
    const toolchain = await findToolchain();
    if (!program) return console.log(toolchain.description);
    await toolchain.run(program, args, { cwd: process.env.INIT_CWD?.startsWith(PROJECT) ? process.env.INIT_CWD : PROJECT });
  });
}
