// Builds the three WebAssembly variants, the package `qkv` and the page. A part that is up to date is left
// alone, so a second run takes seconds.
//
//     npm run build                      all parts
//     npm run build core bindings        some parts; there are core, bindings and web

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installEngines } from './engines.mjs';
import { unlessUnchanged } from './file-state.mjs';
import { installPackages, npm } from './install.mjs';
import { runLongStep, StepFailed } from './long-step.mjs';
import { asCommand, isCommand, PROJECT } from './project.mjs';
import { findToolchain } from './toolchain.mjs';

export const VARIANTS = ['scalar', 'simd', 'relaxed'];
const PARTS = {
  core: async () => {
    const toolchain = await findToolchain();
    for (const variant of VARIANTS) await buildPreset(toolchain, `wasm-${variant}`, 'qkv_module');
  },
  bindings: () => buildWorkspace('bindings', 'package qkv', BINDINGS_INPUTS),
  web: () => buildWorkspace('web', 'page', ['bindings/dist', 'README.md']),
};
// The package is also built from these files, which are outside its workspace.
const BINDINGS_INPUTS = [
  ...['CMakeLists.txt', 'LICENSE', 'CHANGELOG.md', 'README.md'],
  ...VARIANTS.flatMap((variant) =>
    ['js', 'wasm'].map((extension) => `build/wasm-${variant}/bindings/qkv.${extension}`),
  ),
];

/** Builds these parts; none means all. */
export async function build(parts = []) {
  const unknown = parts.find((part) => !(part in PARTS));
  if (unknown) {
    const known = Object.keys(PARTS).join(', ');
    throw new StepFailed(`no part '${unknown}'; there are ${known}`);
  }
  await installPackages(PROJECT, 'npm packages');
  for (const [part, run] of Object.entries(PARTS)) {
    if (parts.length === 0 || parts.includes(part)) await run();
  }
}

/** Configures a CMake preset, unless its build folder is up to date. */
export async function configurePreset(toolchain, preset) {
  if (!needsConfiguring(preset)) return;
  // --fresh: the cache may be of an interrupted run or of another compiler.
  await toolchain.runQuietly(`configuring ${preset}`, 'cmake', ['--preset', preset, '--fresh'], {
    log: logOf(`${preset}-configure`),
  });
}

/** Builds a CMake preset, or one target of it. */
export async function buildPreset(toolchain, preset, target = 'all') {
  if (preset.startsWith('wasm-')) await installEngines(); // emcc and the tests run in it
  await configurePreset(toolchain, preset);
  const args = ['--build', '--preset', preset, '--target', target, '--parallel'];
  await toolchain.runQuietly(`building ${preset}`, 'cmake', args, {
    log: logOf(`${preset}-build`),
    quietWhenFast: true,
  });
}

// Ninja notices when a CMakeLists.txt changes, but not when the presets change.
function needsConfiguring(preset) {
  const rules = join(PROJECT, 'build', preset, 'build.ninja');
  if (!existsSync(rules)) return true;
  return statSync(rules).mtimeMs < statSync(join(PROJECT, 'CMakePresets.json')).mtimeMs;
}

async function buildWorkspace(workspace, title, inputs) {
  const paths = [workspace, 'package-lock.json', ...inputs].map((path) => join(PROJECT, path));
  await unlessUnchanged(join(PROJECT, 'build/logs', `${workspace}.state`), paths, async () => {
    const invocation = { ...npm('run', 'build', '--workspace', workspace), cwd: PROJECT };
    await runLongStep(`building the ${title}`, invocation, { log: logOf(workspace) });
  });
}

/** The log file of a step. */
export function logOf(name) {
  return join(PROJECT, 'build/logs', `${name}.log`);
}

if (isCommand(import.meta.url)) {
  await asCommand(() => {
    const { positionals } = parseArgs({ allowPositionals: true });
    return build(positionals);
  });
}
