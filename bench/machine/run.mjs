// npm run bench -- --machine-code: what V8 makes of the kernels, and where a call's time goes. By it can be
// told what keeps a kernel from the limit: the instructions of its loops, or what is between them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { sum } from 'd3-array';
import { markdownTable } from 'markdown-table';
import { build } from '../../tools/build.mjs';
import { installEngines, pathOfNode } from '../../tools/engines.mjs';
import { StepFailed } from '../../tools/long-step.mjs';
import { writeLimitModule } from '../limit/module.mjs';
import { problem } from '../problems.mjs';
import { percent, threeDigits } from '../report/format.mjs';
import { spreadOf } from '../report/statistics.mjs';
import { countsOf, functionsOf, innermostLoops } from './loops.mjs';
import { cyclesOf } from './model.mjs';
import { sharesOf } from './profile.mjs';

const SUBJECT = fileURLToPath(new URL('subject.mjs', import.meta.url));
/** Optimised at once: the code that is printed is the code that is profiled. */
const OPTIMISED = ['--no-liftoff', '--no-wasm-tier-up'];
const PROFILED_SECONDS = 6;
const LEAST_SHARE = 0.01;

const MANY_QUERIES = problem({ queries: 512 });
const FEW_KEYS = problem({ queries: 1024, keys: 77 });
const ONE_QUERY = problem({ queries: 1, keys: 16384, resident: true });
const SUBJECTS = [
  ['relaxed', MANY_QUERIES],
  ['simd', MANY_QUERIES],
  ['relaxed', FEW_KEYS],
  ['relaxed', ONE_QUERY],
];

/** A table of functions and their loops for each of SUBJECTS, as Markdown. */
export async function machineCode() {
  if (process.arch !== 'x64')
    throw new StepFailed(
      `The code of an ${process.arch} processor is not read here, only that of x64.`,
    );
  await build(['core', 'bindings']);
  await installEngines();
  writeLimitModule();
  const limit = await limitPerMultiplication();
  const reports = [];
  for (const [variant, given] of SUBJECTS) reports.push(await report(variant, given, limit));
  const { version } = await run('limit', MANY_QUERIES, 0, []);
  return `${reports.join('\n\n')}

Node ${version} on ${cpus()[0].model}. By LLVM's model of this processor, which waits for no memory, the
limit's own loop does ${threeDigits(1 / limit)} multiply-adds a cycle.`;
}

/** Cycles of a multiply-add in the loop that is the limit. */
async function limitPerMultiplication() {
  const functions = await codeOf('limit', MANY_QUERIES);
  const loops = [...functions.values()].flatMap(innermostLoops);
  const most = loops.sort((a, b) => multiplicationsOf(b) - multiplicationsOf(a))[0];
  const [cycles] = await cyclesOf([most]);
  return cycles / multiplicationsOf(most);
}

async function report(variant, given, limitCycles) {
  const functions = await codeOf(variant, given);
  const { shares, ofLimit } = await profileOf(variant, given);
  const spent = [...shares]
    .filter(([, share]) => share >= LEAST_SHARE)
    .sort(([, a], [, b]) => b - a)
    .map(([name, share]) => ({ name, share, ...hottestLoop(functions.get(name)) }));
  const withLoop = spent.filter(({ loop }) => loop);
  const cycles = await cyclesOf(withLoop.map(({ loop }) => loop));
  withLoop.forEach((each, i) => {
    each.cycles = cycles[i];
  });
  const title = `**qkv ${variant}, ${given.name}**: ${percent(ofLimit)} of the limit`;
  const products = sum(
    withLoop.filter(({ kind }) => kind === 'products'),
    ({ share }) => share,
  );
  return [
    title,
    tableOf(spent, limitCycles),
    ...(given.resident ? [] : [bound(products, ofLimit)]),
  ].join('\n\n');
}

function tableOf(spent, limitCycles) {
  const header = ['function', 'of the time', 'its loop', 'instructions', 'multiply-adds'];
  const further = ['loads', 'stores', 'spills', 'cycles (model)', 'at the limit'];
  const rows = spent.map(({ name, share, kind, loop, cycles }) => {
    if (!loop) return [name, percent(share), '–', ...Array(7).fill('')];
    const { instructions, multiplications, loads, stores, spills } = countsOf(loop);
    return [
      ...[name, percent(share), kind, instructions, multiplications, loads, stores, spills],
      ...[threeDigits(cycles), threeDigits(multiplications * limitCycles)],
    ].map(String);
  });
  const rest = 1 - sum(spent, ({ share }) => share);
  rows.push([
    `others, below ${percent(LEAST_SHARE)} each`,
    percent(rest),
    '–',
    ...Array(7).fill(''),
  ]);
  const align = ['l', 'r', 'l', ...Array(7).fill('r')];
  return markdownTable([[...header, ...further], ...rows], { align });
}

/** The products do all of the work that counts, in their share of the time. */
function bound(products, ofLimit) {
  const reached = ofLimit / products;
  const most = ofLimit / (ofLimit + 1 - products);
  return (
    `The products have ${percent(products)} of the time and run at ${percent(reached)} of the limit. ` +
    `With products at the limit and the rest as it is, the whole would be at ${percent(most)}.`
  );
}

/** Names of functions, and their instructions, that were compiled for a call. */
async function codeOf(variant, given) {
  const { printed } = await run(variant, given, 0, ['--print-wasm-code']);
  return functionsOf(printed);
}

/** The share of each function in the time that is not the limit's own loop; and what is reached of it. */
async function profileOf(variant, given) {
  const folder = mkdtempSync(join(tmpdir(), 'qkv-profile-'));
  try {
    const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200'];
    const { ofLimit } = await run(variant, given, PROFILED_SECONDS, flags);
    const [file] = readdirSync(folder);
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    return { shares: sharesOf(profile), ofLimit: spreadOf(ofLimit).median };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Starts SUBJECT; gives what it printed and what it sent. */
async function run(variant, given, seconds, flags) {
  const args = [...OPTIMISED, ...flags, SUBJECT, variant, JSON.stringify(given), String(seconds)];
  const child = spawn(pathOfNode(24), args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  let sent = {};
  child.on('message', (message) => {
    sent = message;
  });
  const [printed, [status]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (status !== 0) throw new StepFailed(`qkv ${variant}, ${given.name}: exit code ${status}`);
  return { printed, ...sent };
}

/**
 * { kind, loop }: the loop that has most of what counts among its instructions, multiplications or else loads.
 * Exponentials have loops of multiply-adds too, but their function makes exponents of integers.
 */
function hottestLoop(instructions = []) {
  const density = (loop) => {
    const { multiplications, loads } = countsOf(loop);
    return (multiplications + loads / 1000) / loop.length;
  };
  const wide = innermostLoops(instructions).filter((loop) => countsOf(loop).loads > 1);
  const [loop] = wide.sort((a, b) => density(b) - density(a));
  if (!loop) return {};
  const isDense = multiplicationsOf(loop) > loop.length / 6;
  if (!isDense) return { kind: 'others', loop };
  return { kind: countsOf(instructions).hasExponents ? 'exponentials' : 'products', loop };
}

function multiplicationsOf(loop) {
  return countsOf(loop).multiplications;
}
