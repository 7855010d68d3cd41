// Finds the compilers, or makes them: an emcc that is new enough on PATH, with CMake and Ninja, is
// used as it is; on Debian and Ubuntu an isolated root is made otherwise (debian-root.mjs).
//
//     npm run toolchain -- clang-format-19 --version      runs a command with it

import { spawn, spawnSync } from 'node:child_process';
import { isDebianLike, onPath } from './debian-packages.mjs';
import { CATCH2_SOURCE, debianRoot, enterRoot } from './debian-root.mjs';
import { pathOfNode } from './engines.mjs';
import { ended, runLongStep, StepFailed } from './long-step.mjs';
import { asCommand, isCommand, PROJECT } from './project.mjs';

const OLDEST = { emcc: [3, 1, 69], cmake: [3, 25, 0], ninja: [1, 10, 0] };
// Colours and the knobs of the build tools; the rest of the host's environment (paths of its
// compilers, npm's variables) would only mean something else inside the root.
const PASSED_ON =
  /^(TERM|COLORTERM|NO_COLOR|FORCE_COLOR|CI|(CMAKE|CTEST|NINJA|ASAN|UBSAN|QKV)_\w+)$/;

/** { description, run(program, args), runQuietly(title, program, args), invocation(program, args) } */
export async function findToolchain() {
  const reasons = Object.entries(OLDEST).flatMap(
    ([program, oldest]) => tooOld(program, oldest) ?? [],
  );
  if (reasons.length === 0) return toolchainFrom('on PATH', onThisSystem);
  if (!isDebianLike()) {
    throw new StepFailed(
      `${reasons.join('; ')}. Install CMake, Ninja and emsdk ` +
        '(git clone github.com/emscripten-core/emsdk, ./emsdk install latest, activate latest, ' +
        'source emsdk_env.sh), then run this again.',
    );
  }
  const root = await debianRoot();
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
  return { file: program, args, cwd, env: { ...process.env, ...nodeWithRelaxedSimd(), ...env } };
}

function insideRoot(root) {
  return (program, args, { cwd = PROJECT, env = {} } = {}) => ({
    ...enterRoot(root, [PROJECT], [program, ...args], cwd),
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED_ON.test(name))),
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: '/root',
      LANG: 'C.UTF-8',
      CC: 'clang-19',
      CXX: 'clang++-19',
      ASAN_SYMBOLIZER_PATH: '/usr/bin/llvm-symbolizer-19',
      QKV_CATCH2_SOURCE: CATCH2_SOURCE,
      ...nodeWithRelaxedSimd(),
      ...env,
    },
  });
}

// A Node with relaxed SIMD, which runs the tests and also the linker's work: emcc starts the module that
// it made to learn its bindings. engines.mjs installs it; its path does not depend on that.
function nodeWithRelaxedSimd() {
  const node = process.env.QKV_NODE ?? pathOfNode(24);
  if (Number.parseInt(process.versions.node, 10) < 22 && node === process.execPath) return {};
  return { QKV_NODE: node, EM_NODE_JS: process.env.EM_NODE_JS ?? node };
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

if (isCommand(import.meta.url)) {
  await asCommand(async () => {
    const [program, ...args] = process.argv.slice(2);
    const toolchain = await findToolchain();
    if (!program) return console.log(toolchain.description);
    // npm runs scripts in the project's root; the person may stand in a folder of it.
    const here = process.env.INIT_CWD ?? process.cwd();
    await toolchain.run(program, args, { cwd: here.startsWith(PROJECT) ? here : PROJECT });
  });
}
