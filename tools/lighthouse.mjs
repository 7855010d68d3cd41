// npm run lighthouse: builds the page and audits it with Lighthouse. A test of its own, for the score of
// its speed is only true while the machine has little else to do.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { installBrowsers } from './browsers.mjs';
import { build } from './build.mjs';
import { installEngines, pathOfNode } from './engines.mjs';
import { installPackages } from './install.mjs';
import { ended, StepFailed } from './long-step.mjs';
import { asCommand, PROJECT } from './project.mjs';

const FOLDER = join(PROJECT, 'tests/lighthouse');

await asCommand(async () => {
  await build();
  await installEngines(); // Lighthouse runs on Node 22 and newer
  await installPackages(FOLDER, 'Lighthouse');
  const browser = await installBrowsers('chromium');
  const child = spawn(pathOfNode(24), [join(FOLDER, 'audit.mjs')], {
    cwd: PROJECT,
    env: { ...process.env, ...browser },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const { ok, reason, exitCode } = await ended(child);
  if (!ok) throw new StepFailed(`Lighthouse: ${reason}`, exitCode);
});
