// npm run newest-emscripten: builds the three WebAssembly variants with the Emscripten of Debian testing, and
// runs the core's tests with them.

import { VARIANTS } from './build.mjs';
import { testCoreWith } from './elsewhere.mjs';
import { installEngines } from './engines.mjs';
import { asCommand } from './project.mjs';
import { runStages } from './stages.mjs';
import { debianToolchain } from './toolchain.mjs';

await asCommand(async () => {
  await installEngines();
  const toolchain = await debianToolchain('testing');
  await toolchain.run('emcc', ['--version']);
  const stages = VARIANTS.map((variant) => ({
    name: `wasm-${variant}`,
    run: () => testCoreWith(toolchain, 'newest-emscripten', `wasm-${variant}`),
  }));
  await runStages(stages, []);
});
