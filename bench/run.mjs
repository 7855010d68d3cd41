// npm run bench: qkv beside other libraries and the machine's limit, in Node and in Chromium.
//
//     npm run bench                          everything: half an hour on an idle machine
//     npm run bench -- --quick               the main shapes, in less than two minutes
//     npm run bench -- --only 'decode|pool'  the groups whose names match
//     npm run bench -- --engine node         one engine: node or chromium
//     npm run bench -- --readme              everything, then writes the tables and the chart of the docs
//     npm run bench -- --from FILE           shows an earlier record; with --readme it also writes the docs
//
// Each run writes its record to bench/results. `npm run lab` explains the numbers.

import { parseArgs } from 'node:util';
import { StepFailed } from '../tools/long-step.mjs';
import { asCommand } from '../tools/project.mjs';
import { GROUPS } from './groups.mjs';
import { failIfWrong, measureAndRecord, publish, RUN_OPTIONS, readRecord } from './record.mjs';
import { goalsTable } from './report/goals.mjs';
import { writeReadme } from './report/readme.mjs';
import { engineTable } from './report/table.mjs';

await asCommand(async () => {
  const { values } = parseArgs({ options: { ...RUN_OPTIONS, quick: { type: 'boolean' } } });
  if (values.quick && values.readme && !values.from)
    throw new StepFailed('README needs a full run: --readme does not go with --quick');
  const record = values.from
    ? readRecord(values.from)
    : await measureAndRecord(values, values.quick ? quickGroups() : GROUPS, { withFresh: true });
  for (const engine of record.engines) console.log(`${engineTable(engine)}\n`);
  console.log(goalsTable(record.engines));
  if (values.readme) publish('readme.json', record, writeReadme);
  failIfWrong(record);
});

function quickGroups() {
  return GROUPS.filter(({ quick }) => quick).map((group) => ({
    ...group,
    contenders: group.quick,
  }));
}
