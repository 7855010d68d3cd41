// All formatters, linters and type checkers.
//
//     npm run check          reports problems
//     npm run format         fixes those that can be fixed automatically (check --write)

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { checkCpp } from './check-cpp.mjs';
import { installPackages, npm } from './install.mjs';
import { ended, rethrowUnlessFailed, StepFailed } from './long-step.mjs';
import { asCommand, isCommand, PROJECT } from './project.mjs';

/** Runs all checks. Then rejects with StepFailed if one of them found a problem. */
export async function checkEverything({ write = false } = {}) {
  // clang-format and clang-tidy use all cores by themselves.
  const cpp = await failuresOf(await checkCpp({ write }), 1);
  const others = [['Biome', () => biome(write)], ...(write ? [] : typeChecks())];
  const failed = [...cpp, ...(await failuresOf(others, availableParallelism()))];
  if (failed.length > 0) throw new StepFailed(`problems found by ${failed.join(', ')}`);
}

/** The names of the checks that fail, of which `atOnce` run side by side. */
async function failuresOf(checks, atOnce) {
  const failed = [];
  const queue = checks.values();
  const worker = async () => {
    for (const [name, check] of queue) {
      try {
        await check();
      } catch (error) {
        rethrowUnlessFailed(error);
        failed.push(name);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return failed;
}

function biome(write) {
  const options = ['check', '--error-on-warnings', '--no-errors-on-unmatched'];
  return runPackage('Biome', '@biomejs/biome/bin/biome', [
    ...options,
    ...(write ? ['--write'] : []),
  ]);
}

// tsc checks every folder with a tsconfig.json, and svelte-check the page.
function typeChecks() {
  const folders = ['bindings', 'examples', 'web/offline', ...foldersIn('tests')];
  const withConfig = folders.filter((folder) => existsSync(join(PROJECT, folder, 'tsconfig.json')));
  const checks = withConfig.map((folder) => [
    `tsc (${folder})`,
    () => runPackage(`tsc (${folder})`, 'typescript/bin/tsc', ['--noEmit', '--project', folder]),
  ]);
  // Every name that the reference mentions must exist and be documented.
  checks.push(['typedoc', () => runPackage('typedoc', 'typedoc/bin/typedoc', ['--emit', 'none'])]);
  return hasOwnCheck('web') ? [...checks, ['svelte-check', checkPage]] : checks;
}

function hasOwnCheck(workspace) {
  const path = join(PROJECT, workspace, 'package.json');
  return existsSync(path) && 'check' in (JSON.parse(readFileSync(path, 'utf8')).scripts ?? {});
}

function checkPage() {
  const { file, args } = npm('run', 'check', '--workspace', 'web');
  return runHere('svelte-check', file, args);
}

function foldersIn(folder) {
  const path = join(PROJECT, folder);
  if (!existsSync(path)) return [];
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

function runPackage(name, script, args) {
  return runHere(name, process.execPath, [join(PROJECT, 'node_modules', script), ...args]);
}

// Checks run side by side, so each prints its output at once when it ends.
async function runHere(name, file, args) {
  const child = spawn(file, args, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const { ok, reason, exitCode } = await ended(child);
  process.stderr.write(`${ok ? '✓' : '✗'} ${name}\n${output}`);
  if (!ok) throw new StepFailed(`${name}: ${reason}`, exitCode);
}

if (isCommand(import.meta.url)) {
  await asCommand(async () => {
    const { values } = parseArgs({ options: { write: { type: 'boolean' } } });
    // The type checkers read files that the build of the package writes. Formatters need no build.
    if (values.write) await installPackages(PROJECT, 'npm packages');
    else await build(['core', 'bindings']);
    await checkEverything(values);
  });
}
