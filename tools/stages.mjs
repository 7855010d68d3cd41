// Runs stages one after the other, each under a heading. A table of all stages comes last.

import { StepFailed } from './long-step.mjs';

/**
 * `stages` is { name, group?, needs?, run() }[]. `wanted` names stages and groups; none means all. When a
 * stage fails, those that need it are skipped and the others run. Then it rejects with StepFailed.
 */
export async function runStages(stages, wanted) {
  const results = [];
  for (const stage of select(stages, wanted)) {
    const needed = results.find((result) => result.name === stage.needs);
    if (needed && needed.outcome !== 'passed') {
      results.push({ name: stage.name, seconds: 0, outcome: `skipped: ${stage.needs} failed` });
      continue;
    }
    const result = await runStage(stage);
    results.push(result);
    if (result.interrupted) break;
  }
  printTable(results);
  const failed = results.filter(({ outcome }) => outcome !== 'passed');
  if (failed.length > 0) {
    const exitCode = failed.find(({ interrupted }) => interrupted)?.interrupted ?? 1;
    throw new StepFailed(`${failed.length} of ${results.length} stages failed`, exitCode);
  }
}

function select(stages, wanted) {
  const matches = (word) => stages.filter(({ name, group }) => name === word || group === word);
  const unknown = wanted.find((word) => matches(word).length === 0);
  if (unknown) {
    const known = new Set(stages.flatMap(({ name, group }) => [group, name]).filter(Boolean));
    throw new StepFailed(`no stage '${unknown}'; there are ${[...known].join(', ')}`);
  }
  if (wanted.length === 0) return stages;
  const chosen = new Set(wanted.flatMap(matches));
  for (const { needs } of [...chosen]) {
    if (needs) chosen.add(stages.find(({ name }) => name === needs));
  }
  return stages.filter((stage) => chosen.has(stage));
}

async function runStage({ name, run }) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(2, 76 - name.length))}\n`);
  const began = performance.now();
  const end = (outcome, interrupted) => ({
    name,
    seconds: (performance.now() - began) / 1000,
    outcome,
    interrupted,
  });
  try {
    await run();
    return end('passed');
  } catch (error) {
    console.error(error instanceof StepFailed ? `✗ ${error.message}` : error);
    const isSignal = error.exitCode >= 129 && error.exitCode <= 143;
    return end('failed', isSignal ? error.exitCode : undefined);
  }
}

function printTable(results) {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.map(({ name, seconds, outcome }) => {
    const mark = outcome === 'passed' ? '✓' : '✗';
    return `${mark} ${name.padEnd(width)}  ${seconds.toFixed(1).padStart(7)} s  ${outcome}`;
  });
  console.log(['', '─'.repeat(80), ...lines, ''].join('\n'));
}
