// npm start: builds what is not built, shows the worked example as the engine computes it here, and
// serves the page. Runs in a fresh clone, so it may import nothing but Node's own modules until
// build() has installed the packages.
//
//     PORT=8080 npm start          the port, or the next one that is free
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
