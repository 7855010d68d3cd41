// A whole run: each engine, each group in it, then what needs fresh processes. The record is what everything
// that is shown is made from.

import { cpus, loadavg, totalmem } from 'node:os';
import { problem, WORKED_EXAMPLE } from './problems.mjs';
import { compressedSize } from './report/size.mjs';

export const SETTINGS = {
  whole: {
    rounds: 15,
    fewestRounds: 7,
    sampleSeconds: 0.03,
    warmSeconds: 0.25,
    groupSeconds: 40,
    slowest: 2.5,
    coldRuns: 9,
  },
  quick: {
    rounds: 5,
    fewestRounds: 3,
    sampleSeconds: 0.01,
    warmSeconds: 0.06,
    groupSeconds: 3,
    slowest: 0.4,
    coldRuns: 2,
  },
};

const COLD = ['qkv relaxed', 'qkv simd', 'onnxruntime-web Attention'];
const COLD_PROBLEMS = [WORKED_EXAMPLE, problem({ queries: 512 })];

/**
 * Measures `groups` in `engines` (as engines/ gives them) and, if `withCold`, in fresh processes. Calls
 * `onProgress(text)` before each step and `onRecord(record)` after it.
 */
export async function measureAll({ engines, groups, withCold, settings, versions, ...listeners }) {
  const { onProgress, onRecord } = listeners;
  const record = {
    date: new Date().toISOString(),
    machine: describeMachine(),
    versions,
    settings,
    engines: [],
  };
  for (const engine of engines) {
    const { name, version, detail } = engine;
    const measured = { name, version, detail, groups: [] };
    record.engines.push(measured);
    const session = await engine.open();
    try {
      for (const group of groups) {
        onProgress(`${name}: ${group.name}`);
        const rows = await session.run('measure', { group, settings });
        measured.groups.push({ name: group.name, unit: group.unit, rows: rows.map(compact) });
        onRecord(record);
      }
    } finally {
      await session.close();
    }
    if (withCold) await measureFresh(engine, measured, settings, onProgress);
    onRecord(record);
  }
  record.machine.loadAtTheEnd = loadavg()[0];
  onRecord(record);
  return record;
}

/** What can only be seen in a process, or a browser, that has just been started. */
async function measureFresh(engine, measured, settings, onProgress) {
  const inFresh = async (task, argument) => {
    const session = await engine.open();
    try {
      return await session.run(task, argument);
    } finally {
      await session.close();
    }
  };
  measured.cold = COLD_PROBLEMS.flatMap((each) =>
    COLD.map((contender) => ({ contender, problem: each.name, runs: [] })),
  );
  measured.fetched = [];
  for (let i = 0; i < settings.coldRuns; i++) {
    onProgress(`${engine.name}: fresh processes, ${i + 1} of ${settings.coldRuns}`);
    for (const each of measured.cold) {
      const given = COLD_PROBLEMS.find(({ name }) => name === each.problem);
      const { fetched, ...run } = await inFresh('cold', {
        contender: each.contender,
        problem: given,
      });
      each.runs.push(run);
      if (i === 0 && fetched.length > 0 && given === WORKED_EXAMPLE)
        measured.fetched.push({ contender: each.contender, ...compressedSize(fetched) });
    }
  }
  onProgress(`${engine.name}: memory`);
  measured.memory = [];
  for (const variant of ['relaxed', 'simd'])
    measured.memory.push({ variant, ...(await inFresh('memory', { variant })) });
}

function describeMachine() {
  const [{ model }] = cpus();
  return {
    processor: model.trim(),
    cores: cpus().length,
    memory: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    loadAtTheStart: loadavg()[0],
  };
}

/** Four digits are more than a clock gives here. */
function compact(row) {
  const short = (number) => Number(number.toPrecision(4));
  return {
    ...row,
    ...(row.samples && { samples: row.samples.map(short) }),
    ...(row.error !== undefined && { error: short(row.error) }),
  };
}
