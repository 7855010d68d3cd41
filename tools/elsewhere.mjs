// Builds the core and runs its tests with another toolchain than npm test does.

import { join } from 'node:path';
import { logOf } from './build.mjs';
import { PROJECT } from './project.mjs';

/** The build folder is build/<name>/<preset>. */
export async function testCoreWith(toolchain, name, preset) {
  const folder = join(PROJECT, 'build', name, preset);
  const quietly = (title, args) =>
    toolchain.runQuietly(`${title} ${preset}`, 'cmake', args, {
      log: logOf(`${name}-${preset}-${title}`),
    });
  // --fresh: the compiler may have changed since the last run.
  await quietly('configuring', ['--preset', preset, '-B', folder, '--fresh']);
  await quietly('building', ['--build', folder, '--parallel']);
  const options = ['--no-tests=error', '--output-on-failure', '--parallel', '2'];
  await toolchain.run('ctest', ['--test-dir', folder, ...options]);
}
