// Notices whether files changed since a step ran. It compares sizes and times, which takes milliseconds.

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names, sizes and times of these files and of all files in these folders, without node_modules. */
export function stateOf(paths) {
  return paths.flatMap((path) => [...describe(path)]).join('\n');
}

function* describe(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) yield `${path} is missing`;
  else if (!stats.isDirectory()) yield `${path} ${stats.size} ${stats.mtimeMs}`;
  else
    for (const name of readdirSync(path).sort())
      if (isInput(name)) yield* describe(join(path, name));
}

// The server of the page writes .br and .gz files beside the page's files.
function isInput(name) {
  return name !== 'node_modules' && !/\.(br|gz)$/.test(name);
}

/** Runs `step`, unless `paths` are unchanged since its last run. `paths` are its inputs and outputs. */
export async function unlessUnchanged(record, paths, step) {
  if (existsSync(record) && readFileSync(record, 'utf8') === stateOf(paths)) return;
  await step();
  writeFileSync(record, stateOf(paths));
}
