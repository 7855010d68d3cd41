// Builds everything that a user runs: the three WebAssembly variants, the package `qkv`, the page.
// Each part looks for itself what has changed, so a second run takes seconds.
//
//     npm run build core bindings        some of its parts: core, bindings, web

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
// Beside the workspace's own files and the npm packages.
const BINDINGS_INPUTS = [
  ...['CMakeLists.txt', 'LICENSE', 'CHANGELOG.md', 'README.md'],
  ...VARIANTS.flatMap((variant) =>
    ['js', 'wasm'].map((extension) => `build/wasm-${variant}/bindings/qkv.${variant}.${extension}`),
  ),
];

/** Builds these parts, or all. */
export async function build(parts = []) {
  const unknown = parts.find((part) => !(part in PARTS));
  if (unknown) {
    const known = Object.keys(PARTS).join(', ');
    throw new StepFailed(`no part '${unknown}' to build; there are ${known}`);
  }
  await installPackages(PROJECT, 'npm packages');
  for (const [part, run] of Object.entries(PARTS)) {
    if (parts.length === 0 || parts.includes(part)) await run();
  }
}

/** Configures a CMake preset if that is needed. */
export async function configurePreset(toolchain, preset) {
  if (!needsConfiguring(preset)) return;
  // --fresh: a cache of an interrupted run, or one of another compiler, is no start.
  await toolchain.runQuietly(`configuring ${preset}`, 'cmake', ['--preset', preset, '--fresh'], {
    log: logOf(`${preset}-configure`),
  });
}

/** Builds a CMake preset, or one target of it. */
export async function buildPreset(toolchain, preset, target = 'all') {
  if (preset.startsWith('wasm-')) await installEngines(); // emcc and the tests run modules in Node
  await configurePreset(toolchain, preset);
  const args = ['--build', '--preset', preset, '--target', target, '--parallel'];
  await toolchain.runQuietly(`building ${preset}`, 'cmake', args, {
    log: logOf(`${preset}-build`),
    quietWhenFast: true,
  });
}

// Once it is configured, the build itself sees when a CMakeLists.txt changes; not so the presets.
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

/** Where the output of a step is kept. */
export function logOf(name) {
  return join(PROJECT, 'build/logs', `${name}.log`);
}

if (isCommand(import.meta.url)) {
  await asCommand(() => {
    const { positionals } = parseArgs({ allowPositionals: true });
    return build(positionals);
  });
}
