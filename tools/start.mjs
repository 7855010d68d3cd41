// npm start: builds the project, prints the worked example as the package computes it, and serves the page.
// A fresh clone has no npm packages, so this may import only Node's modules before build() installs them.
//
//     PORT=9000 npm start          serves on that port, or the next free one
//     npm start -- --no-serve      prints the example and exits

import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { asCommand } from './project.mjs';

await asCommand(async () => {
  const { values } = parseArgs({
    options: { serve: { type: 'boolean', default: true } },
    allowNegative: true,
  });
  await build();
  const { printWorkedExample } = await import('./worked-example.mjs');
  await printWorkedExample();
  if (!values.serve) return;
  const { portFrom, servePageUntilStopped } = await import('./serve.mjs');
  await servePageUntilStopped({ port: portFrom(process.env.PORT) });
});
