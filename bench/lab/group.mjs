// What happens inside an engine, Node or a page: opens contenders, prepares a group's problems for them,
// checks what they compute, and times them in turn.

import { CONTENDERS } from '../contenders/contenders.mjs';
import { nameOfLoop, openLoops, workOfLoop } from '../limit/loops.mjs';
import { openThreads } from '../limit/threads.mjs';
import { inputsOf, workOf } from '../problems.mjs';
import { errorOf, expectedRows, TOLERANCE } from './check.mjs';
import { timeInTurn } from './rounds.mjs';

/**
 * `environment` is { bytesAt(url), model(description) }: how files are read and ONNX models made here; `rates`
 * are the operations a second that contenders are known to do: who is too slow is not tried. Resolves to the
 * group's rows, each { problem, contender, operations, bytes } with `samples` in seconds a call, or with a
 * `reason` why there are none.
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

/** What was slow on less need not be tried. */
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
