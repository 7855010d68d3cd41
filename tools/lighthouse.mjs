// npm run lighthouse: builds the page and audits it with Lighthouse. It is no stage of npm test, because the
// score of the speed needs an idle machine.

import { join } from 'node:path';
import { installBrowsers } from './browsers.mjs';
import { build } from './build.mjs';
import { installEngines, pathOfNode } from './engines.mjs';
import { installPackages } from './install.mjs';
import { run } from './long-step.mjs';
import { asCommand, PROJECT } from './project.mjs';

const FOLDER = join(PROJECT, 'tests/lighthouse');

await asCommand(async () => {
  await build();
  await installEngines(); // Lighthouse needs Node 22
  await installPackages(FOLDER, 'Lighthouse');
  const browser = await installBrowsers('chromium');
  const env = { ...process.env, ...browser };
  await run(pathOfNode(24), [join(FOLDER, 'audit.mjs')], { name: 'Lighthouse', cwd: PROJECT, env });
});
