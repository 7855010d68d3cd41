// Every cell of the matrix: { name, group?, subject, as, variant, pool?, run(context) }. `run` resolves
// to { version, places, complaints }.

import { StepFailed } from '../../tools/long-step.mjs';
import { BROWSER_CELLS } from './cells/browsers.mjs';
import { BUNDLER_CELLS } from './cells/bundlers.mjs';
import { ENGINES } from './cells/engines.mjs';
import { FORMAT_CELLS } from './cells/formats.mjs';
import { FRAMEWORK_CELLS } from './cells/frameworks.mjs';
import { LAYOUT_CELLS } from './cells/layouts.mjs';
import { RUNNER_CELLS } from './cells/runners.mjs';
import { TRACED_CELLS } from './cells/traced.mjs';
import { TYPE_CELLS } from './cells/types.mjs';

const CELLS = [
  ...BUNDLER_CELLS,
  ...FORMAT_CELLS,
  ...FRAMEWORK_CELLS,
  ...TRACED_CELLS,
  ...RUNNER_CELLS,
  ...ENGINES,
  ...BROWSER_CELLS,
  ...LAYOUT_CELLS,
  ...TYPE_CELLS,
];

/** Cells by name or group; all of them without names. */
export function selectCells(words) {
  const matches = (word) => CELLS.filter(({ name, group }) => name === word || group === word);
  const unknown = words.find((word) => matches(word).length === 0);
  if (unknown) {
    const known = new Set(CELLS.flatMap(({ group, name }) => [group, name]).filter(Boolean));
    throw new StepFailed(`no cell '${unknown}'; there are ${[...known].join(', ')}`);
  }
  return words.length === 0
    ? CELLS
    : CELLS.filter((cell) => words.some((word) => matches(word).includes(cell)));
}
