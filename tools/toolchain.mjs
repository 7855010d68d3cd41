// Finds the compilers. It uses emcc, CMake and Ninja on PATH if they are new enough. Otherwise, on Debian
// and Ubuntu, it makes an isolated root (debian-root.mjs).
//
//     npm run toolchain -- clang-format-19 --version          runs a command with the toolchain
//     npm run toolchain -- --root testing emcc --version      with another (debian-suites.mjs)

import { spawnSync } from 'node:child_process';
import { isDebianLike, onPath } from './debian-packages.mjs';
import { debianRoot, enterRoot } from './debian-root.mjs';
import { CATCH2_SOURCE, ROOTS } from './debian-suites.mjs';
import { pathOfNode } from './engines.mjs';
import { run, runLongStep, StepFailed } from './long-step.mjs';
import { asCommand, isCommand, PROJECT } from './project.mjs';

const OLDEST = { emcc: [3, 1, 69], cmake: [3, 25, 0], ninja: [1, 10, 0] };
// The root gets the settings of colours and build tools. The rest of the host's environment, such as the
// paths of its compilers, would mean something else there.
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
  return debianToolchain('trixie');
}

/** The toolchain in an isolated Debian (debian-suites.mjs), whatever is on PATH. */
export async function debianToolchain(name) {
  if (!(name in ROOTS)) {
    throw new StepFailed(`no toolchain '${name}'; there are ${Object.keys(ROOTS).join(', ')}`);
  }
  if (!isDebianLike()) {
    throw new StepFailed(`The toolchain '${name}' needs Debian or Ubuntu to run on.`);
  }
  const root = await debianRoot(name);
  return toolchainFrom(`in ${root}`, insideRoot(root, ROOTS[name]));
}

function toolchainFrom(place, invocation) {
  return {
    description: `toolchain ${place}`,
    invocation,
    /** Uses this terminal. Rejects with StepFailed unless the program exits with 0. */
    run(program, args = [], options = {}) {
      const { file, args: all, env, cwd } = invocation(program, args, options);
      return run(file, all, { name: program, env, cwd, stdin: 'inherit' });
    },
    /** Shows one line of progress, and the output only if the program fails. */
    runQuietly(title, program, args, { log, quietWhenFast, ...options }) {
      return runLongStep(title, invocation(program, args, options), { log, quietWhenFast });
    },
  };
}

function onThisSystem(program, args, { cwd = PROJECT, env = {} } = {}) {
  return { file: program, args, cwd, env: { ...process.env, ...nodeWithRelaxedSimd(), ...env } };
}

function insideRoot(root, { llvm }) {
  return (program, args, { cwd = PROJECT, env = {} } = {}) => ({
    ...enterRoot(root, [PROJECT], [program, ...args], cwd),
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED_ON.test(name))),
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: '/root',
      LANG: 'C.UTF-8',
      CC: `clang-${llvm}`,
      CXX: `clang++-${llvm}`,
      ASAN_SYMBOLIZER_PATH: `/usr/bin/llvm-symbolizer-${llvm}`,
      QKV_CATCH2_SOURCE: CATCH2_SOURCE,
      ...nodeWithRelaxedSimd(),
      ...env,
    },
  });
}

// A Node with relaxed SIMD. It runs the tests, and emcc runs the module in it to learn its bindings.
// engines.mjs installs it.
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
    const [option, root, ...rest] = process.argv.slice(2);
    const isChosen = option === '--root';
    const [program, ...args] = isChosen ? rest : process.argv.slice(2);
    const toolchain = await (isChosen ? debianToolchain(root) : findToolchain());
    if (!program) return console.log(toolchain.description);
    // npm runs scripts in the project's root; INIT_CWD is where the person was.
    const here = process.env.INIT_CWD ?? process.cwd();
    await toolchain.run(program, args, { cwd: here.startsWith(PROJECT) ? here : PROJECT });
  });
}
