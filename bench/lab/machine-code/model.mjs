// The cycles of a loop by LLVM's model of this processor, in which every load hits the first-level cache and every
// branch is predicted.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StepFailed } from '../../../tools/long-step.mjs';
import { PROJECT } from '../../../tools/project.mjs';
import { findToolchain } from '../../../tools/toolchain.mjs';

const ITERATIONS = 1000;
const FOLDER = join(PROJECT, 'build/bench');

/** The cycles of one iteration of each loop (instructions of loops.mjs). */
export async function cyclesOf(loops) {
  const toolchain = await findToolchain();
  const run = (program, args) => outputOf(toolchain.invocation(program, args));
  const hexadecimal = loops.flat().map(({ bytes }) => bytes.replaceAll(/../g, '0x$& '));
  const machineCode = write('loops.hex', hexadecimal);
  const text = run('llvm-mc-19', ['--disassemble', '--triple=x86_64', machineCode]);
  const lines = text.split('\n').filter((line) => /^\t(?!\.)/.test(line));
  if (lines.length !== hexadecimal.length)
    throw new StepFailed(
      `V8 printed ${hexadecimal.length} instructions, llvm-mc read ${lines.length}`,
    );
  const regions = loops.flatMap((loop, i) => [
    `# LLVM-MCA-BEGIN ${i}`,
    ...lines.splice(0, loop.length).map((line) => line.replace(/#.*/, '')),
    '# LLVM-MCA-END',
  ]);
  const assembly = write('loops.s', regions);
  const args = ['--mcpu=native', `--iterations=${ITERATIONS}`, '--mtriple=x86_64', '--json'];
  const { CodeRegions } = JSON.parse(run('llvm-mca-19', [...args, assembly]));
  return CodeRegions.map(({ SummaryView }) => SummaryView.TotalCycles / ITERATIONS);
}

function write(name, lines) {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

function outputOf({ file, args, env, cwd }) {
  const { status, stdout, stderr } = spawnSync(file, args, {
    ...{ env, cwd, encoding: 'utf8', maxBuffer: 2 ** 28 },
  });
  if (status !== 0) throw new StepFailed(`${file}: exit code ${status}\n${stderr}`);
  return stdout;
}
