// Measures a group inside an engine, Node or a page: opens the contenders, prepares the problems for them,
// checks their outputs, and times them in turn.

import { CONTENDERS } from '../contenders/contenders.mjs';
import { nameOfLoop, openLoops, workOfLoop } from '../lab/limit/loops.mjs';
import { openThreads } from '../lab/limit/threads.mjs';
import { inputsOf, workOf } from '../problems.mjs';
import { errorOf, expectedRows, TOLERANCE } from './check.mjs';
import { timeInTurn } from './rounds.mjs';

/**
 * `environment`, { bytesAt(url), model(description) }, reads files and makes ONNX models in this engine. `rates`
 * are the operations a second seen from each contender; one that would be too slow is skipped. Resolves to the
 * group's rows, { problem, contender, operations, bytes }, each with `samples` in seconds a call, or with the
 * `reason` for having none.
 */
export async function measureGroup({ group, settings, rates }, environment) {
  const { problems, contenders, limits } = group;
  const module = await environment.bytesAt(
    new URL('../../build/bench/limit.wasm', import.meta.url),
  );
  const loop = await openLoops(module);
  const rows = [];
  for (const limit of limits) {
    const prepared = limit.threads ? openThreads(module, limit) : loop(limit);
    rows.push(await rowOfLoop(await prepared, limit));
  }
  const opened = new Map();
  const open = (name) => {
    if (!opened.has(name)) opened.set(name, openOrReason(name, environment));
    return opened.get(name);
  };
  for (const problem of problems) {
    const inputs = inputsOf(problem);
    const expected = expectedRows(problem, inputs);
    for (const name of contenders) {
      const reason = tooMuch(workOf(problem), rates[name], settings);
      const contender = reason ? { reason } : await open(name);
      rows.push(await rowOf({ name, contender, problem, inputs, expected }));
    }
  }
  return timeRows(rows, settings);
}

/** The reason to skip a contender that was slow on a smaller problem. */
function tooMuch({ operations }, rate, { slowest }) {
  const seconds = operations / rate;
  return seconds > slowest ? `would take ${seconds.toPrecision(2)} s a call` : undefined;
}

async function openOrReason(name, environment) {
  try {
    return await CONTENDERS[name](environment);
  } catch (error) {
    return { reason: `not available: ${firstLine(error)}` };
  }
}

async function rowOfLoop({ run, isRight, dispose }, limit) {
  const kind = limit.threads && limit.loop !== 'bare' ? 'threads' : limit.loop;
  const { problem } = limit;
  const row = {
    ...(problem && { problem: problem.name }),
    ...{ contender: nameOfLoop(limit), limit: kind, ...workOfLoop(limit) },
  };
  return isRight(await run())
    ? { row, run, dispose }
    : { row: { ...row, reason: 'wrong' }, dispose };
}

async function rowOf({ name, contender, problem, inputs, expected }) {
  const row = { problem: problem.name, contender: name, ...workOf(problem) };
  if (contender.reason) return { row: { ...row, reason: contender.reason } };
  let prepared;
  try {
    prepared = await contender.prepare(problem, inputs);
    if (!prepared) return { row: { ...row, reason: 'has no such option' } };
    const { run, outputOf, dispose } = prepared;
    const error = errorOf(outputOf(await run()), expected, problem);
    if (error > TOLERANCE) row.reason = `wrong by ${error.toPrecision(2)}`;
    return { row: { ...row, error }, run, dispose };
  } catch (error) {
    return { row: { ...row, reason: `fails: ${firstLine(error)}` }, dispose: prepared?.dispose };
  }
}

async function timeRows(rows, settings) {
  const right = rows.filter(({ row }) => !row.reason);
  const timings = await timeInTurn(right, settings);
  for (const [i, { samples, tooSlow }] of timings.entries()) {
    if (samples) right[i].row.samples = samples;
    else right[i].row.reason = `takes ${tooSlow.toPrecision(2)} s a call`;
  }
  for (const { dispose } of rows) await dispose?.();
  return rows.map(({ row }) => row);
}

function firstLine(error) {
  return String(error?.message ?? error)
    .split('\n')[0]
    .slice(0, 60);
}
