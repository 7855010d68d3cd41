// Formatters, linters and type checkers, all of them.
//
//     npm run check          says what is wrong
//     npm run format         puts right what can be put right by itself (check --write)

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { checkCpp } from './check-cpp.mjs';
import { installPackages, npm } from './install.mjs';
import { ended, StepFailed } from './long-step.mjs';
import { asCommand, isCommand, PROJECT } from './project.mjs';

/** Rejects with StepFailed, after all have run, if one found something. */
export async function checkEverything({ write = false } = {}) {
  const checks = [
    ...(await checkCpp({ write })),
    ['Biome', () => biome(write)],
    ...(write ? [] : typeChecks()),
  ];
  const failed = [];
  for (const [name, check] of checks) {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof StepFailed) || error.exitCode >= 129) throw error;
      failed.push(name);
    }
  }
  if (failed.length > 0) throw new StepFailed(`${failed.join(', ')} found something`);
}

function biome(write) {
  const options = ['check', '--error-on-warnings', '--no-errors-on-unmatched'];
  return runPackage('@biomejs/biome/bin/biome', [...options, ...(write ? ['--write'] : [])]);
}

// Every folder with a tsconfig.json; the page has a type checker of its own, which reads Svelte.
function typeChecks() {
  const folders = ['bindings', 'examples', 'web/offline', ...foldersIn('tests')];
  const withConfig = folders.filter((folder) => existsSync(join(PROJECT, folder, 'tsconfig.json')));
  const checks = withConfig.map((folder) => [
    `tsc (${folder})`,
    () => runPackage('typescript/bin/tsc', ['--noEmit', '--project', folder]),
  ]);
  // What the reference would link to must be there, and be documented.
  checks.push(['typedoc', () => runPackage('typedoc/bin/typedoc', ['--emit', 'none'])]);
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

function runPackage(script, args) {
  const path = join(PROJECT, 'node_modules', script);
  return runHere(relative(join(PROJECT, 'node_modules'), path), process.execPath, [path, ...args]);
}

async function runHere(name, file, args) {
  const outcome = await ended(
    spawn(file, args, { cwd: PROJECT, stdio: ['ignore', 'inherit', 'inherit'] }),
  );
  if (!outcome.ok) throw new StepFailed(`${name}: ${outcome.reason}`, outcome.exitCode);
}

if (isCommand(import.meta.url)) {
  await asCommand(async () => {
    const { values } = parseArgs({ options: { write: { type: 'boolean' } } });
    // The type checkers read what the build of the package writes; formatters need no build.
    if (values.write) await installPackages(PROJECT, 'npm packages');
    else await build(['core', 'bindings']);
    await checkEverything(values);
  });
}
