// npm run bench: the package against its peers and the machine's own limit, in Node and in Chromium.
//
//     npm run bench                          everything: half an hour on a machine that does nothing else
//     npm run bench -- --quick               the main shapes, in less than two minutes
//     npm run bench -- --only 'decode|pool'  groups whose names match
//     npm run bench -- --engine node         in one engine: node, chromium
//     npm run bench -- --readme              everything, then the table and chart that README shows
//     npm run bench -- --from FILE           shows what an earlier run wrote; --readme as above
//     npm run bench -- --native              the core without WebAssembly, by Google Benchmark
//     npm run bench -- --machine-code        the kernels' loops as V8 compiles them, and where the time goes
//
// The record goes to bench/results.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../tools/build.mjs';
import { installPackages } from '../tools/install.mjs';
import { StepFailed } from '../tools/long-step.mjs';
import { asCommand, PROJECT } from '../tools/project.mjs';
import { runNative } from './core/run.mjs';

const RESULTS = join(PROJECT, 'bench/results');
const OPTIONS = {
  quick: { type: 'boolean' },
  only: { type: 'string' },
  engine: { type: 'string', multiple: true, default: ['node', 'chromium'] },
  readme: { type: 'boolean' },
  from: { type: 'string' },
  native: { type: 'boolean' },
  'machine-code': { type: 'boolean' },
};

const ENGINES = {
  node: async () => (await import('./engines/node.mjs')).nodeEngine(),
  chromium: async () => (await import('./engines/chromium.mjs')).chromiumEngine(),
};

function openEngine(name) {
  if (!ENGINES[name])
    throw new StepFailed(`no engine '${name}'; there are ${Object.keys(ENGINES).join(', ')}`);
  return ENGINES[name]();
}

async function measure({ quick, only, engine }) {
  const groups = await chosenGroups({ quick, only });
  await build(['core', 'bindings']);
  await installPackages(join(PROJECT, 'bench'), 'packages to compare with');
  const { writeLimitModule } = await import('./limit/module.mjs');
  writeLimitModule();
  const { measureAll, SETTINGS } = await import('./session.mjs');
  const { versions } = await import('./versions.mjs');
  const file = join(RESULTS, `${new Date().toISOString().replaceAll(':', '-')}.json`);
  mkdirSync(RESULTS, { recursive: true });
  const engines = await Promise.all(engine.map(openEngine));
  const began = performance.now();
  try {
    return await measureAll({
      ...{ engines, groups, versions: versions() },
      withCold: only === undefined || new RegExp(only).test('fresh processes'),
      settings: quick ? SETTINGS.quick : SETTINGS.whole,
      onProgress(text) {
        const seconds = (performance.now() - began) / 1000;
        process.stderr.write(`… ${seconds.toFixed(0).padStart(4)} s  ${text}\n`);
      },
      onRecord: (record) => writeRecord(file, record),
    });
  } finally {
    for (const each of engines) each.close?.();
    process.stderr.write(`  ${file.replace(`${PROJECT}/`, '')}\n\n`);
  }
}

async function chosenGroups({ quick, only }) {
  const { GROUPS } = await import('./groups.mjs');
  const pattern = new RegExp(only ?? '');
  const offered = quick
    ? GROUPS.filter((group) => group.quick).map((each) => ({
        ...each,
        contenders: each.quick,
        limits: each.limits.filter(({ loop }) => loop !== 'bare'), // what it shows needs more rounds
      }))
    : GROUPS;
  const groups = offered.filter(({ name }) => pattern.test(name));
  if (groups.length > 0 || pattern.test('fresh processes')) return groups;
  const names = offered.map(({ name }) => name);
  throw new StepFailed(`no group matches ${only}; there are: ${names.join('; ')}; fresh processes`);
}

function writeRecord(file, record) {
  // A line for each row: what a run changes can be read in a diff.
  const text = JSON.stringify(record).replaceAll(/(?=\{"(?:problem|contender|name)")/g, '\n');
  writeFileSync(file, `${text}\n`);
}

async function show({ engines }) {
  const { engineTable } = await import('./report/table.mjs');
  const { goalsTable } = await import('./report/goals.mjs');
  for (const engine of engines) console.log(`${engineTable(engine)}\n`);
  console.log(goalsTable(engines));
}

/** What others compute is their affair. */
function insistOnRightness({ engines }) {
  const groups = engines.flatMap((engine) => engine.groups);
  const ended = groups.filter(({ reason }) => reason);
  const wrong = groups
    .flatMap(({ rows }) => rows)
    .filter(
      (row) =>
        /^(qkv|limit)/.test(row.contender) && /^(wrong|fails|not available)/.test(row.reason),
    );
  const lines = [
    ...ended.map(({ name, reason }) => `${name}: ${reason}`),
    ...wrong.map(({ problem, contender, reason }) => `${contender}, ${problem}: ${reason}`),
  ];
  if (lines.length > 0) throw new StepFailed(lines.join('\n'));
}

async function publish(record) {
  const { writeReadme } = await import('./report/readme.mjs');
  writeRecord(join(RESULTS, 'readme.json'), record);
  for (const file of writeReadme(record)) console.log(`wrote ${file}`);
}

async function showMachineCode({ readme }) {
  const { machineCode } = await import('./machine/run.mjs');
  const code = await machineCode();
  console.log(code);
  if (!readme) return;
  const { writeLoops } = await import('./report/readme.mjs');
  for (const file of writeLoops(code)) console.log(`wrote ${file}`);
}

await asCommand(async () => {
  const { values } = parseArgs({ options: OPTIONS });
  if (values['machine-code']) return showMachineCode(values);
  const isPart = values.quick || values.only !== undefined || values.engine.length < 2;
  if (values.readme && isPart && !values.from)
    throw new StepFailed(
      'README is made from a whole run: --readme goes with no other option but --from',
    );
  if (values.native) return runNative(values);
  const record = values.from
    ? JSON.parse(readFileSync(values.from, 'utf8'))
    : await measure(values);
  await show(record);
  if (values.readme) await publish(record);
  insistOnRightness(record);
});
