// npm run lab -- machine-code: the loops that V8 made of the kernels, and each function's share of a call's time.
// The tables tell whether the instructions of the loops keep a kernel from the limit, or the code between them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { sum } from 'd3-array';
import { markdownTable } from 'markdown-table';
import { build } from '../../../tools/build.mjs';
import { installEngines, pathOfNode } from '../../../tools/engines.mjs';
import { StepFailed } from '../../../tools/long-step.mjs';
import { problem } from '../../problems.mjs';
import { percent, threeDigits } from '../../report/format.mjs';
import { spreadOf } from '../../report/statistics.mjs';
import { writeLimitModule } from '../limit/module.mjs';
import { countsOf, functionsOf, innermostLoops } from './loops.mjs';
import { cyclesOf } from './model.mjs';
import { sharesOf } from './profile.mjs';

const SUBJECT = fileURLToPath(new URL('subject.mjs', import.meta.url));
/** V8 optimises at once, so that the printed code is the profiled code. */
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

/** A table of functions and their hottest loops for each of SUBJECTS, as Markdown. */
export async function machineCodeReport() {
  if (process.arch !== 'x64')
    throw new StepFailed(
      `This command reads the machine code of x64 only, and this processor is ${process.arch}.`,
    );
  await build(['core', 'bindings']);
  await installEngines();
  writeLimitModule();
  const limit = await limitPerMultiplication();
  const reports = [];
  for (const [variant, given] of SUBJECTS) reports.push(await report(variant, given, limit));
  const { version } = await run('limit', MANY_QUERIES, 0, []);
  return `${reports.join('\n\n')}

Node ${version} on ${cpus()[0].model}. LLVM's model of this processor assumes that every load hits the
first-level cache; by it the limit's own loop does ${threeDigits(1 / limit)} multiply-adds a cycle.`;
}

/** Cycles of one multiply-add in the limit's loop. */
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
  const header = ['function', 'share of time', 'hottest loop', 'instructions', 'multiply-adds'];
  const further = ['loads', 'stores', 'spills', 'cycles (model)', 'cycles at the limit'];
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

/** All operations that count are in the products, which have only a share of the time. */
function bound(products, ofLimit) {
  const reached = ofLimit / products;
  const most = ofLimit / (ofLimit + 1 - products);
  return (
    `The products take ${percent(products)} of the time and run at ${percent(reached)} of the limit. ` +
    `If they ran at the limit and the rest stayed as it is, the call would reach ${percent(most)}.`
  );
}

/** The functions that V8 compiled for a call, with their instructions. */
async function codeOf(variant, given) {
  const { printed } = await run(variant, given, 0, ['--print-wasm-code']);
  return functionsOf(printed);
}

/** Each function's share of the time outside the limit's loop, and the share of the limit that the call reaches. */
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

/** Starts SUBJECT; gives what it printed and the object that it sent. */
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
 * { kind, loop }: the loop with the largest proportion of multiplications among its instructions, or else of
 * loads. Exponentials multiply and add too, but their function also shifts integers into exponents.
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
