// TypeScript with each module resolution: a strict program is compiled, then run by Node.

import { pathOfNode } from '../../../tools/engines.mjs';
import { run } from '../processes.mjs';
import { tool, toolVersion } from '../tools.mjs';

export const TYPE_CELLS = ['node16', 'nodenext', 'bundler'].map((resolution) => ({
  name: `typescript-${resolution}`,
  group: 'typescript',
  subject: 'TypeScript, moduleResolution',
  as: resolution,
  variant: 'relaxed',
  run: (context) => compiled(context, resolution),
}));

async function compiled({ makeApp }, resolution) {
  const cwd = makeApp(`typescript-${resolution}`, 'apps/types');
  await tool('typescript', ['--project', `tsconfig.${resolution}.json`], { cwd });
  const report = JSON.parse(await run(pathOfNode(24), ['program.js'], { cwd }));
  return { version: toolVersion('typescript'), ...report };
}
