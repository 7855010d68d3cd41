// Runs the fuzzers of the core, two at a time, and says what they found and covered.

import { spawn } from 'node:child_process';
import { closeSync, cpSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { buildPreset } from '../../../tools/build.mjs';
import { ended, StepFailed } from '../../../tools/long-step.mjs';
import { PROJECT } from '../../../tools/project.mjs';
import { findToolchain } from '../../../tools/toolchain.mjs';
import { printCoverage } from './coverage.mjs';

/** Each has this many shares of the time. */
export const FUZZERS = { attend: 5, trace: 2, merge: 2, far: 1, rotary: 1, validate: 1 };

const PRESET = 'native-fuzz';
const WORK = join(PROJECT, 'build/campaign');
const KEPT = join(PROJECT, 'tests/campaign/corpus');
const binaryOf = (fuzzer) => join(PROJECT, `build/${PRESET}/tests/campaign/fuzz_${fuzzer}`);
// Long enough for every option of a problem; runs that take seconds are findings too.
const OPTIONS = ['-max_len=256', '-len_control=0', '-timeout=30', '-print_final_stats=1'];

/** Rejects with StepFailed if anything was found. */
export async function fuzzCore({ fuzzers, minutes, seed, keep }) {
  const toolchain = await findToolchain();
  await buildPreset(toolchain, PRESET);
  const jobs = Math.min(2, availableParallelism());
  const shares = fuzzers.reduce((sum, fuzzer) => sum + FUZZERS[fuzzer], 0);
  const secondsOf = (fuzzer) => Math.ceil((minutes * 60 * jobs * FUZZERS[fuzzer]) / shares);
  console.log(`core: ${minutes} min, ${jobs} at a time, --seed ${seed}`);

  const waiting = [...fuzzers];
  const results = [];
  const work = async () => {
    for (let fuzzer = waiting.shift(); fuzzer; fuzzer = waiting.shift())
      results.push(await run(toolchain, fuzzer, secondsOf(fuzzer), seed));
  };
  await Promise.all(Array.from({ length: jobs }, work));
  await printCoverage(toolchain, fuzzers.map(binaryOf), fuzzers.map(profileOf));
  const failed = results.filter(({ finding }) => finding);
  if (failed.length > 0) throw new StepFailed(`found by ${failed.map((r) => r.fuzzer).join(', ')}`);
  if (keep) for (const fuzzer of fuzzers) await keepLeast(toolchain, fuzzer);
}

const profileOf = (fuzzer) => join(WORK, `${fuzzer}.profraw`);

async function run(toolchain, fuzzer, seconds, seed) {
  const grown = join(WORK, fuzzer);
  const found = join(WORK, 'found', `${fuzzer}-`);
  for (const folder of [grown, join(WORK, 'found'), join(KEPT, fuzzer)])
    mkdirSync(folder, { recursive: true });
  rmSync(profileOf(fuzzer), { force: true });
  const args = [...OPTIONS, `-max_total_time=${seconds}`, `-seed=${seed}`];
  const folders = [`-artifact_prefix=${found}`, grown, join(KEPT, fuzzer)];
  const env = { LLVM_PROFILE_FILE: profileOf(fuzzer) };
  const log = join(WORK, `${fuzzer}.log`);
  const outcome = await logged(toolchain, binaryOf(fuzzer), [...args, ...folders], env, log);
  const text = readFileSync(log, 'utf8');
  const executions = Number(/stat::number_of_executed_units:\s*(\d+)/.exec(text)?.[1] ?? 0);
  console.log(`  ${fuzzer.padEnd(9)} ${executions} executions in ${seconds} s`);
  if (!outcome.ok) printFinding(fuzzer, text, log);
  else if (!(executions > 0)) throw new StepFailed(`${fuzzer} ran nothing; its log: ${log}`);
  return { fuzzer, finding: !outcome.ok };
}

async function logged(toolchain, program, args, env, log) {
  const invocation = toolchain.invocation(program, args, { env });
  const file = openSync(log, 'w');
  const child = spawn(invocation.file, invocation.args, {
    cwd: invocation.cwd,
    env: invocation.env,
    stdio: ['ignore', file, file],
  });
  const outcome = await ended(child);
  closeSync(file);
  return outcome;
}

// The words of the fuzzer or the sanitizer, and the command that shows it again.
function printFinding(fuzzer, text, log) {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => /FINDING:|runtime error:|ERROR: /.test(line));
  const shown = lines
    .slice(Math.max(first, 0))
    .filter((line) => !/^\s+#\d+ 0x\w+ +(in fuzzer|\()/.test(line));
  for (const line of shown.slice(0, 20)) console.log(`    ${line.slice(0, 200)}`);
  const input = /Test unit written to (\S+)/.exec(text)?.[1];
  const at = (path) => relative(PROJECT, path);
  console.log(`    the whole log: ${at(log)}`);
  if (input) console.log(`  npm run toolchain -- ${at(binaryOf(fuzzer))} ${at(input)}`);
}

/** The least inputs that cover what all did become those in the repository. */
async function keepLeast(toolchain, fuzzer) {
  const least = join(WORK, `${fuzzer}-least`);
  rmSync(least, { recursive: true, force: true });
  mkdirSync(least, { recursive: true });
  const log = join(WORK, `${fuzzer}-keep.log`);
  const inputs = [join(WORK, fuzzer), join(KEPT, fuzzer)];
  const args = ['-set_cover_merge=1', ...OPTIONS, least, ...inputs];
  const env = { LLVM_PROFILE_FILE: '/dev/null' };
  const { ok } = await logged(toolchain, binaryOf(fuzzer), args, env, log);
  if (!ok) throw new StepFailed(`cannot merge the inputs of ${fuzzer}; the log: ${log}`);
  rmSync(join(KEPT, fuzzer), { recursive: true, force: true });
  cpSync(least, join(KEPT, fuzzer), { recursive: true });
}
