// npm test: builds, checks and runs every test. If the build fails, the stages that need it are skipped.
//
//     npm test                        everything
//     npm test -- core                the C++ core, natively and as WebAssembly
//     npm test -- package browser     some stages, and those that they need

import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { campaign } from '../tests/campaign/campaign.mjs';
import { installBrowsers } from './browsers.mjs';
import { build, buildPreset } from './build.mjs';
import { checkEverything } from './check.mjs';
import { installEngines } from './engines.mjs';
import { rethrowUnlessFailed, run, StepFailed } from './long-step.mjs';
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
  // One seed, so that a change fails for what it changed.
  { name: 'campaign', run: () => campaign({ minutes: 1, what: ['core'], seed: 1 }) },
  { name: 'bench', needs: 'build', run: () => testInNode('tests/bench') },
  { name: 'page', needs: 'build', run: testPageInNode },
  { name: 'browser', needs: 'build', run: testPage },
];

// These folders and files test what does not depend on Node: the package's files, bundles, types and pages.
// They run in the newest Node alone. All other files run in every Node that the package promises.
const IN_ONE_NODE = [
  'tests/bench/',
  'tests/conformance/onnx-chromium.test.mjs',
  'tests/package/advice.test.mjs',
  'tests/package/binary.test.mjs',
  'tests/package/border.test.mjs',
  'tests/package/example-pages.test.mjs',
  'tests/package/migration.test.mjs',
  'tests/package/readme-vite.test.mjs',
  'tests/package/release.test.mjs',
  'tests/package/size.test.mjs',
  'tests/package/tarball.test.mjs',
  'tests/package/tree-shaking.test.mjs',
  'tests/package/types-versions.test.mjs',
  'tests/package/types.test.mjs',
];

/** ctest fails if there is no test (noTestsAction in CMakePresets.json). */
async function testCore(preset) {
  const toolchain = await findToolchain();
  await buildPreset(toolchain, preset);
  await toolchain.run('ctest', ['--preset', preset]);
}

/** The tests of a folder: all of them in the newest Node, and those of the engine in the others too. */
async function testInNode(folder) {
  const all = readdirSync(join(PROJECT, folder))
    .filter((name) => name.endsWith('.test.mjs'))
    .map((name) => join(folder, name));
  if (all.length === 0) throw new StepFailed(`no test in ${folder}`);
  const ofEngine = all.filter((file) => !IN_ONE_NODE.some((path) => file.startsWith(path)));
  const browsers = await installBrowsers('chromium');
  const engines = await installEngines();
  const failures = [];
  for (const { version, path } of engines) {
    const files = version === engines.at(-1).version ? all : ofEngine;
    if (files.length === 0) continue;
    console.log(`\nNode ${version}`);
    try {
      await runNodeTests(path, files, browsers);
    } catch (error) {
      rethrowUnlessFailed(error);
      failures.push(`Node ${version}: ${error.message}`);
    }
  }
  if (failures.length > 0) throw new StepFailed(failures.join('; '));
}

// For Node a file without a test passes. A second reporter counts the tests, and none is a failure.
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
  const concurrency = availableParallelism(); // Node's default leaves one core idle
  const options = [`--test-concurrency=${concurrency}`, ...reporters];
  await runHere(node, ['--test', ...options, ...files], env);
  const count = Number(readFileSync(counted, 'utf8'));
  if (!(count > 0)) throw new StepFailed('no test ran');
}

/** The page's modules and figures. Vitest fails where there is no test. */
async function testPageInNode() {
  const vitest = join(PROJECT, 'node_modules/vitest/vitest.mjs');
  const config = join(PROJECT, 'tests/page/vitest.config.ts');
  await runHere(process.execPath, [vitest, 'run', '--config', config], await installNumpy());
}

async function testPage() {
  const programs = {
    ...(await installBrowsers('chromium', 'firefox', 'webkit', 'xvfb')),
    ...(await installNumpy()),
  };
  const playwright = join(PROJECT, 'node_modules/@playwright/test/cli.js');
  const config = join(PROJECT, 'tests/browser/playwright.config.ts');
  const failures = [];
  // Tests that measure speed run alone.
  for (const which of [
    ['--grep', '@alone', '--workers', '1'],
    ['--grep-invert', '@alone'],
  ]) {
    try {
      await runHere(process.execPath, [playwright, 'test', '--config', config, ...which], programs);
    } catch (error) {
      rethrowUnlessFailed(error);
      failures.push(error.message);
    }
  }
  if (failures.length > 0) throw new StepFailed(failures.join('; '));
}

function runHere(file, args, env) {
  return run(file, args, { cwd: PROJECT, env: { ...process.env, ...env } });
}

await asCommand(() => {
  const { positionals } = parseArgs({ allowPositionals: true });
  return runStages(STAGES, positionals);
});
