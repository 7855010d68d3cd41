// A run from the terminal: builds and installs what it needs, measures, and keeps the record in bench/results.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../tools/build.mjs';
import { installPackages } from '../tools/install.mjs';
import { StepFailed } from '../tools/long-step.mjs';
import { PROJECT } from '../tools/project.mjs';
import { writeLimitModule } from './lab/limit/module.mjs';
import { measureAll, SETTINGS } from './session.mjs';
import { versions } from './versions.mjs';

const RESULTS = join(PROJECT, 'bench/results');
/** The name under which --only finds the measurements in fresh processes. */
const FRESH = 'fresh processes';

/** The options of a run, as parseArgs reads them. */
export const RUN_OPTIONS = {
  only: { type: 'string' },
  engine: { type: 'string', multiple: true, default: ['node', 'chromium'] },
  readme: { type: 'boolean' },
  from: { type: 'string' },
};

const ENGINES = {
  node: async () => (await import('./engines/node.mjs')).nodeEngine(),
  chromium: async () => (await import('./engines/chromium.mjs')).chromiumEngine(),
};

/** Measures `groups` as the options say, and in fresh processes if `withFresh`. Gives the record. */
export async function measureAndRecord(options, groups, { withFresh }) {
  const { quick, only, engine, readme } = options;
  if (readme && (only !== undefined || engine.length < 2))
    throw new StepFailed('The docs need a full run: --readme goes with no option but --from');
  const chosen = chooseGroups(groups, only, withFresh);
  await build(['core', 'bindings']);
  await installPackages(join(PROJECT, 'bench'), 'packages to compare with');
  writeLimitModule();
  const file = join(RESULTS, `${new Date().toISOString().replaceAll(':', '-')}.json`);
  mkdirSync(RESULTS, { recursive: true });
  const engines = await Promise.all(engine.map(openEngine));
  const began = performance.now();
  try {
    return await measureAll({
      ...{ engines, groups: chosen, versions: versions() },
      withFresh: withFresh && new RegExp(only ?? '').test(FRESH),
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

function openEngine(name) {
  if (!ENGINES[name])
    throw new StepFailed(`no engine '${name}'; there are ${Object.keys(ENGINES).join(', ')}`);
  return ENGINES[name]();
}

function chooseGroups(groups, only, withFresh) {
  const pattern = new RegExp(only ?? '');
  const chosen = groups.filter(({ name }) => pattern.test(name));
  if (chosen.length > 0 || (withFresh && pattern.test(FRESH))) return chosen;
  const names = [...groups.map(({ name }) => name), ...(withFresh ? [FRESH] : [])];
  throw new StepFailed(`no group matches ${only}; there are: ${names.join('; ')}`);
}

/** Writes one row a line, so that a diff shows what a new run changed. */
function writeRecord(file, record) {
  const text = JSON.stringify(record).replaceAll(/(?=\{"(?:problem|contender|name)")/g, '\n');
  writeFileSync(file, `${text}\n`);
}

export function readRecord(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Keeps a record under this name, and lets `write(record)` write the docs; it gives the files it changed. */
export function publish(name, record, write) {
  writeRecord(join(RESULTS, name), record);
  for (const file of write(record)) console.log(`wrote ${file}`);
}

/** Fails if one of our own results was wrong. A peer that fails is only reported in the table. */
export function failIfWrong({ engines }) {
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
