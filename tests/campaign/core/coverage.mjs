// Lines of src that the fuzzers ran, from the counters that clang put into them.

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { StepFailed } from '../../../tools/long-step.mjs';
import { PROJECT } from '../../../tools/project.mjs';

const SOURCES = join(PROJECT, 'src');

/** `profiles`: one a fuzzer. That of one that found something is empty: it was stopped. */
export async function printCoverage(toolchain, binaries, profiles) {
  const written = profiles.filter((path) => statSync(path, { throwIfNoEntry: false })?.size);
  if (written.length === 0) return;
  if (written.length < profiles.length)
    console.log('  coverage without those that found something:');
  const merged = join(PROJECT, 'build/campaign/all.profdata');
  output(toolchain, 'llvm-profdata-19', ['merge', '--sparse', '-o', merged, ...written]);
  const objects = binaries.slice(1).flatMap((binary) => ['--object', binary]);
  const args = ['export', '--summary-only', `--instr-profile=${merged}`, binaries[0], ...objects];
  const { data } = JSON.parse(output(toolchain, 'llvm-cov-19', [...args, SOURCES]));
  const files = data[0].files.map(({ filename, summary }) => ({
    name: relative(PROJECT, filename),
    ...summary.lines,
  }));
  const sum = (member) => files.reduce((total, file) => total + file[member], 0);
  console.log(`  lines of src: ${sum('covered')} of ${sum('count')}`);
  console.log(`  coverage: ${((100 * sum('covered')) / sum('count')).toFixed(1)} %`);
  for (const { name, covered, count } of files)
    if (covered < count) console.log(`    ${name}: ${covered} of ${count}`);
}

function output(toolchain, program, args) {
  const { file, args: argv, env, cwd } = toolchain.invocation(program, args);
  const { status, stdout, stderr } = spawnSync(file, argv, {
    env,
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new StepFailed(`${program}: ${stderr}`);
  return stdout;
}
