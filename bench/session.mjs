// A run: every group in every engine, then first calls and memory in fresh processes. It gives the record that
// all tables and charts are made from.

import { cpus, loadavg, totalmem } from 'node:os';
import { problem, WORKED_EXAMPLE } from './problems.mjs';
import { compressedSize } from './report/size.mjs';

export const SETTINGS = {
  whole: {
    processes: 3,
    rounds: 5,
    fewestRounds: 2,
    sampleSeconds: 0.03,
    warmSeconds: 0.15,
    groupSeconds: 30,
    engineSeconds: Infinity,
    slowest: 2.5,
    coldRuns: 7,
    memory: { length: 16384, depth: 64, variants: ['relaxed', 'simd'] },
  },
  // At most two minutes: a busy machine leaves the last groups out.
  quick: {
    processes: 1,
    rounds: 5,
    fewestRounds: 3,
    sampleSeconds: 0.01,
    warmSeconds: 0.06,
    groupSeconds: 2.5,
    engineSeconds: 50,
    slowest: 0.6,
    coldRuns: 2,
    memory: { length: 2048, depth: 64, variants: ['relaxed'] },
  },
};

/** In operations. Rates on smaller problems do not predict the time of a large one. */
const FEWEST_FOR_RATE = 1e6;

const COLD = ['qkv relaxed', 'qkv simd', 'onnxruntime-web Attention'];
const COLD_PROBLEMS = [
  { given: WORKED_EXAMPLE, steps: ['import to first output'] },
  { given: problem({ queries: 512 }), steps: ['first call', 'warm call'] },
];

/**
 * Measures `groups` in `engines` (of engines/), and first calls and memory if `withFresh`. Calls
 * `onProgress(text)` before each step and `onRecord(record)` after it.
 */
export async function measureAll({ engines, groups, withFresh, settings, versions, ...listeners }) {
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
    const measured = { name, version, detail, groups: [], cold: [], fetched: [], memory: [] };
    record.engines.push(measured);
    const began = performance.now();
    const step = async (title, run) => {
      if ((performance.now() - began) / 1000 > settings.engineSeconds)
        return onProgress(`${name}: no time left for ${title}`);
      onProgress(`${name}: ${title}`);
      await run();
      onRecord(record);
    };
    await measureGroups({ engine, groups, settings, measured, step });
    if (withFresh) await measureFresh({ engine, settings, measured, step });
  }
  record.machine.loadAtTheEnd = loadavg()[0];
  onRecord(record);
  return record;
}

/**
 * Each group runs in new processes, because garbage that other groups left slows down allocations. It runs in
 * several, because the placement of code and memory in a process changes results by up to a tenth.
 */
async function measureGroups({ engine, groups, settings, measured, step }) {
  const rates = {};
  for (const group of groups)
    await step(group.name, async () => {
      const { name, unit } = group;
      const runs = [];
      let reason;
      for (let i = 0; i < settings.processes && !reason; i++) {
        const own = { ...settings, firstRound: i * settings.rounds };
        try {
          runs.push(await measureOnce(engine, { group, settings: own, rates }));
        } catch (error) {
          reason = firstLine(error); // a peer that crashes must not end the run
        }
      }
      for (const row of runs.flat()) noteRate(rates, row);
      const rows = runs.length > 0 ? merged(runs).map(compact) : [];
      measured.groups.push({ name, unit, rows, ...(reason && { reason }) });
    });
}

async function measureOnce(engine, job) {
  const session = await engine.open();
  try {
    return await session.run('measure', job);
  } finally {
    await session.close();
  }
}

/** Joins the samples of all runs. A row without samples in one run has none, and keeps that run's reason. */
function merged([first, ...others]) {
  return first.map((row, i) => {
    const rows = [row, ...others.map((run) => run[i])];
    const without = rows.find(({ samples }) => !samples);
    return without ?? { ...row, samples: rows.flatMap(({ samples }) => samples) };
  });
}

/** Keeps the best rate of each contender, by which later groups skip those that would be too slow. */
function noteRate(rates, { contender, operations, samples }) {
  if (!samples || operations < FEWEST_FOR_RATE) return;
  const rate = operations / Math.min(...samples);
  rates[contender] = Math.max(rate, rates[contender] ?? 0);
}

/** Measures first calls and memory, each in a new process or browser. */
async function measureFresh({ engine, settings, measured, step }) {
  const inFresh = async (task, argument) => {
    const session = await engine.open();
    try {
      return await session.run(task, argument);
    } catch (error) {
      return { reason: `fails: ${firstLine(error)}` };
    } finally {
      await session.close();
    }
  };
  measured.cold = COLD_PROBLEMS.flatMap(({ given, steps }) =>
    COLD.map((contender) => ({ problem: given.name, contender, steps, runs: [] })),
  );
  for (let i = 0; i < settings.coldRuns; i++)
    await step(`fresh processes, ${i + 1} of ${settings.coldRuns}`, async () => {
      for (const row of measured.cold) await runCold(row, measured, inFresh);
    });
  const { variants, length, depth } = settings.memory;
  for (const variant of variants)
    await step(`memory of ${variant}`, async () => {
      const result = await inFresh('memory', { variant, length, depth });
      measured.memory.push({ variant, ...result });
    });
}

async function runCold(row, measured, inFresh) {
  const { given } = COLD_PROBLEMS.find((each) => each.given.name === row.problem);
  const { contender } = row;
  const { fetched, reason, ...run } = await inFresh('cold', { contender, problem: given });
  if (reason) return Object.assign(row, { reason });
  row.runs.push(run);
  const isKnown = measured.fetched.some((each) => each.contender === contender);
  // Only our files have a goal; brotli takes most of a minute for a peer's.
  if (contender.startsWith('qkv') && !isKnown && fetched.length > 0)
    measured.fetched.push({ contender, ...compressedSize(fetched) });
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

function firstLine({ message }) {
  return message.split('\n')[0];
}

/** Four digits are more than the clock resolves. */
function compact(row) {
  const short = (number) => Number(number.toPrecision(4));
  return {
    ...row,
    ...(row.samples && { samples: row.samples.map(short) }),
    ...(row.error !== undefined && { error: short(row.error) }),
  };
}
