// npm test: builds, checks and runs every test. A stage whose build failed is skipped, all others run.
//
//     npm test                        everything
//     npm test -- core                the C++ core, on this machine and as WebAssembly
//     npm test -- package browser     some stages; a stage brings what it needs

import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installBrowsers } from './browsers.mjs';
import { build, buildPreset } from './build.mjs';
import { checkEverything } from './check.mjs';
import { installEngines } from './engines.mjs';
import { ended, StepFailed } from './long-step.mjs';
import { installNumpy } from './numpy.mjs';
import { asCommand, PROJECT } from './project.mjs';
import { runStages } from './stages.mjs';
import { findToolchain } from './toolchain.mjs';

const CORE_PRESETS = ['native', 'native-asan', 'wasm-scalar', 'wasm-simd', 'wasm-relaxed'];
const STAGES = [
  { name: 'build', run: () => build() },
  { name: 'check', needs: 'build', run: () => checkEverything() },
  ...CORE_PRESETS.map((preset) => ({ name: preset, group: 'core', run: () => testCore(preset) })),
  { name: 'package', needs: 'build', run: () => testInNode('tests/package') },
  { name: 'conformance', needs: 'build', run: () => testInNode('tests/conformance') },
  { name: 'fuzz', needs: 'build', run: () => testInNode('tests/fuzz') },
  { name: 'bench', needs: 'build', run: () => testInNode('tests/bench') },
  { name: 'browser', needs: 'build', run: testPage },
];

/** ctest itself fails where there is no test (noTestsAction in CMakePresets.json). */
async function testCore(preset) {
  const toolchain = await findToolchain();
  await buildPreset(toolchain, preset);
  await toolchain.run('ctest', ['--preset', preset]);
}

/** The tests of a folder, in each Node that the package promises to run in. */
async function testInNode(folder) {
  const files = readdirSync(join(PROJECT, folder))
    .filter((name) => name.endsWith('.test.mjs'))
    .map((name) => join(PROJECT, folder, name));
  if (files.length === 0) throw new StepFailed(`no test in ${folder}`);
  const browsers = await installBrowsers('chromium');
  const failures = [];
  for (const { version, path } of await installEngines()) {
    console.log(`\nNode ${version}`);
    try {
      await runNodeTests(path, files, browsers);
    } catch (error) {
      failures.push(`Node ${version}: ${error.message}`);
    }
  }
  if (failures.length > 0) throw new StepFailed(failures.join('; '));
}

// A file without a test passes in Node's eyes; a second reporter counts the tests there were.
async function runNodeTests(node, files, env) {
  const counted = join(PROJECT, 'build/logs/node-tests.count');
  mkdirSync(join(PROJECT, 'build/logs'), { recursive: true });
  rmSync(counted, { force: true });
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[
      `--test-reporter=${join(PROJECT, 'tools/test-counter.mjs')}`,
      `--test-reporter-destination=${counted}`,
    ],
  ];
  const concurrency = availableParallelism(); // Node would leave one core idle
  const options = [`--test-concurrency=${concurrency}`, ...reporters];
  await runHere(node, ['--test', ...options, ...files], env);
  const count = Number(readFileSync(counted, 'utf8'));
  if (!(count > 0)) throw new StepFailed('no test ran');
}

async function testPage() {
  const programs = {
    ...(await installBrowsers('chromium', 'firefox', 'webkit', 'xvfb')),
    ...(await installNumpy()),
  };
  const playwright = join(PROJECT, 'node_modules/@playwright/test/cli.js');
  const config = join(PROJECT, 'tests/browser/playwright.config.ts');
  const failures = [];
  // What measures the page's speed has the machine to itself.
  for (const which of [
    ['--grep', '@alone', '--workers', '1'],
    ['--grep-invert', '@alone'],
  ]) {
    try {
      await runHere(process.execPath, [playwright, 'test', '--config', config, ...which], programs);
    } catch (error) {
      failures.push(error.message);
    }
  }
  if (failures.length > 0) throw new StepFailed(failures.join('; '));
}

async function runHere(file, args, env = {}) {
  const child = spawn(file, args, {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const { ok, reason, exitCode } = await ended(child);
  if (!ok) throw new StepFailed(reason, exitCode);
}

await asCommand(() => {
  const { positionals } = parseArgs({ allowPositionals: true });
  return runStages(STAGES, positionals);
});
