// The package's own tests over a module with AddressSanitizer: an access outside the blocks that the
// module allocated ends the test.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildPreset } from '../../../tools/build.mjs';
import { installEngines } from '../../../tools/engines.mjs';
import { ended, StepFailed } from '../../../tools/long-step.mjs';
import { findToolchain } from '../../../tools/toolchain.mjs';
import { buildPackage } from './package.mjs';

const PRESET = 'wasm-asan';

// Those that compute. The others are about files, bundles and workers, or expect what the sanitizer
// changes: how much memory there is, and what a module says of itself.
const FILES = [
  'attend-inputs',
  'attend-options',
  'attend-shapes',
  'errors-buffers',
  'errors-inputs',
  'errors-options',
  'errors-reentry',
  'errors-tensor',
  'kv-cache',
  'merge',
  'rotary',
  'worked-example',
];
// The package has this variant alone; forEachVariant ends its names with it.
const OF_THE_VARIANT = [
  '--test-name-pattern=, simd( |$)',
  // These want an instance of another variant beside it, or memory that has to grow.
  '--test-skip-pattern=of another instance|growth during a call',
];

export async function testModule() {
  await buildPreset(await findToolchain(), PRESET, 'qkv_module');
  const folder = await buildPackage(PRESET);
  const { path: node } = (await installEngines()).at(-1);
  const files = FILES.map((name) => join(folder, 'tests/package', `${name}.test.mjs`));
  const child = spawn(node, ['--test', '--test-reporter=dot', ...OF_THE_VARIANT, ...files], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const { ok, reason } = await ended(child);
  if (ok) return;
  const options = OF_THE_VARIANT.map((option) => `'${option}'`).join(' ');
  const again = `${node} --test ${options} FILE, in build/campaign/package/tests/package`;
  throw new StepFailed(`module: ${reason}. One file again: ${again}`);
}
