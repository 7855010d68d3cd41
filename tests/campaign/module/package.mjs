// The package built over modules with AddressSanitizer, in a folder of its own, with its tests.

import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ended, StepFailed } from '../../../tools/long-step.mjs';
import { PROJECT } from '../../../tools/project.mjs';

// What bindings/build.mjs and the tests read. Not links: the tests would then import the real package.
const COPIED = [
  'bindings',
  ...[
    'package',
    'conformance',
    'fuzz',
    'random',
    'reference',
    'server.mjs',
    'browser/chromium.mjs',
  ].map((name) => `tests/${name}`),
  'CMakeLists.txt',
  'LICENSE',
  'CHANGELOG.md',
  'README.md',
];
// Each file of the package holds the one module that there is, of the variant 'simd'.
const FILES = ['scalar', 'simd', 'relaxed'];

/** Resolves to the folder; what it imports as 'qkv' is the package in it. */
export async function buildPackage(preset) {
  const folder = join(PROJECT, 'build/campaign/package');
  rmSync(folder, { recursive: true, force: true });
  for (const path of COPIED)
    cpSync(join(PROJECT, path), join(folder, path), { recursive: true, dereference: false });
  mkdirSync(join(folder, 'build'));
  for (const file of FILES)
    symlinkSync(join(PROJECT, 'build', preset), join(folder, 'build', `wasm-${file}`));
  mkdirSync(join(folder, 'node_modules')); // the other packages are found further up
  symlinkSync(join(folder, 'bindings'), join(folder, 'node_modules/qkv'));
  const child = spawn(process.execPath, ['build.mjs'], {
    cwd: join(folder, 'bindings'),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { ok, reason } = await ended(child);
  if (!ok) throw new StepFailed(`building the package over ${preset}: ${reason}`);
  return folder;
}
