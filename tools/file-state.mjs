// Whether files are as a step left them: sizes and times, not contents, so that asking costs nothing.

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names, sizes and times of all files in these files and folders, packages of npm apart. */
export function stateOf(paths) {
  return paths.flatMap((path) => [...describe(path)]).join('\n');
}

function* describe(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) yield `${path} is not there`;
  else if (!stats.isDirectory()) yield `${path} ${stats.size} ${stats.mtimeMs}`;
  else
    for (const name of readdirSync(path).sort())
      if (isInput(name)) yield* describe(join(path, name));
}

// .br and .gz are made beside the page's files when it is served.
function isInput(name) {
  return name !== 'node_modules' && !/\.(br|gz)$/.test(name);
}

/** Runs `step` unless `paths`, what it reads and what it writes, are as it left them last time. */
export async function unlessUnchanged(record, paths, step) {
  if (existsSync(record) && readFileSync(record, 'utf8') === stateOf(paths)) return;
  await step();
  writeFileSync(record, stateOf(paths));
}
