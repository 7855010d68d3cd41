// Runs the package, installed from its tarball, in every place that README names, and prints a table.
//
//     npm run matrix                        every cell
//     npm run matrix -- vite webkit         some cells or groups
//     npm run matrix -- --readme            every cell, and writes the table into README
//     npm run matrix -- --readme jest       some cells, and writes the lines that they make whole

import { parseArgs } from 'node:util';
import { installBrowsers } from '../../tools/browsers.mjs';
import { build } from '../../tools/build.mjs';
import { installEngines } from '../../tools/engines.mjs';
import { installPackages } from '../../tools/install.mjs';
import { StepFailed } from '../../tools/long-step.mjs';
import { asCommand } from '../../tools/project.mjs';
import { MATRIX } from './installed-package.mjs';

await asCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { readme: { type: 'boolean', default: false } },
  });
  await build(['core', 'bindings']);
  await installEngines();
  await installPackages(MATRIX, 'bundlers and engines for the matrix');
  Object.assign(process.env, await installBrowsers('chromium', 'firefox', 'webkit'));
  // Imported late, since the packages that they need are installed above.
  const { selectCells } = await import('./cells.mjs');
  const { runCells } = await import('./run-cells.mjs');
  const { isInReadme, printTable, writeReadme } = await import('./table.mjs');

  const rows = await runCells(selectCells(positionals));
  printTable(rows);
  const failed = rows.filter(({ failures }) => failures.length > 0).length;
  console.log(`matrix: ${rows.length - failed} passed, ${failed} failed`);
  if (failed > 0) throw new StepFailed(`${failed} of ${rows.length} cells failed`);
  if (values.readme) writeReadme(rows, selectCells([]));
  else if (positionals.length === 0 && !isInReadme(rows))
    throw new StepFailed("README's table shows something else: npm run matrix -- --readme");
});
