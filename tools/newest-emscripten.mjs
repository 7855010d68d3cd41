// npm run newest-emscripten: builds the three WebAssembly variants with the Emscripten of Debian testing, and
// runs the core's tests with them. The build folders are build/newest-emscripten/<preset>.

import { join } from 'node:path';
import { logOf, VARIANTS } from './build.mjs';
import { installEngines } from './engines.mjs';
import { asCommand, PROJECT } from './project.mjs';
import { runStages } from './stages.mjs';
import { debianToolchain } from './toolchain.mjs';

async function buildAndTest(toolchain, preset) {
  const folder = join(PROJECT, 'build/newest-emscripten', preset);
  const quietly = (title, args) =>
    toolchain.runQuietly(`${title} ${preset}`, 'cmake', args, {
      log: logOf(`newest-emscripten-${preset}-${title}`),
    });
  // --fresh: the compiler may have changed since the last run.
  await quietly('configuring', ['--preset', preset, '-B', folder, '--fresh']);
  await quietly('building', ['--build', folder, '--parallel']);
  const options = ['--no-tests=error', '--output-on-failure', '--parallel', '2'];
  await toolchain.run('ctest', ['--test-dir', folder, ...options]);
}

await asCommand(async () => {
  await installEngines();
  const toolchain = await debianToolchain('testing');
  await toolchain.run('emcc', ['--version']);
  const stages = VARIANTS.map((variant) => ({
    name: `wasm-${variant}`,
    run: () => buildAndTest(toolchain, `wasm-${variant}`),
  }));
  await runStages(stages, []);
});
