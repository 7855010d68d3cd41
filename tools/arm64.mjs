// npm run arm64: compiles the core and its tests for 64-bit ARM, and runs them in QEMU.

import { testCoreWith } from './elsewhere.mjs';
import { asCommand } from './project.mjs';
import { debianToolchain } from './toolchain.mjs';

await asCommand(async () => {
  const toolchain = await debianToolchain('arm64');
  await toolchain.run('qemu-aarch64', ['--version']);
  await testCoreWith(toolchain, 'elsewhere', 'arm64');
});
