// npm run lab: why the benchmark's numbers are what they are, and how far they can go.
//
//     npm run lab -- bounds          qkv beside bare attention, in the same rounds; takes the options of npm run bench
//     npm run lab -- machine-code    the loops that V8 made of the kernels, and each function's share of the time
//     npm run lab -- native          the core without WebAssembly, by Google Benchmark; takes --only and --quick
//     npm run lab -- wat             the limit's loops as WebAssembly text
//
// `bounds` and `machine-code` take --readme: they then write their tables into docs/performance.md.

import { parseArgs } from 'node:util';
import { StepFailed } from '../../tools/long-step.mjs';
import { asCommand } from '../../tools/project.mjs';
import { failIfWrong, measureAndRecord, publish, RUN_OPTIONS, readRecord } from '../record.mjs';
import { writeParts } from '../report/parts.mjs';
import { engineTable } from '../report/table.mjs';

const EXPERIMENTS = { bounds, 'machine-code': machineCode, native, wat };

await asCommand(() => {
  const [name, ...args] = process.argv.slice(2);
  if (!EXPERIMENTS[name])
    throw new StepFailed(
      `Name one of ${Object.keys(EXPERIMENTS).join(', ')}, as in: npm run lab -- bounds`,
    );
  return EXPERIMENTS[name](args);
});

async function bounds(args) {
  const { values } = parseArgs({ args, options: RUN_OPTIONS });
  const { BOUNDS_GROUPS } = await import('./bounds/groups.mjs');
  const { boundsTable } = await import('./bounds/table.mjs');
  const record = values.from
    ? readRecord(values.from)
    : await measureAndRecord(values, BOUNDS_GROUPS, { withFresh: false });
  const table = boundsTable(record.engines);
  for (const engine of record.engines) console.log(`${engineTable(engine)}\n`);
  console.log(table);
  if (values.readme) publish('bounds.json', record, () => writeParts({ bounds: table }));
  failIfWrong(record);
}

async function machineCode(args) {
  const { values } = parseArgs({ args, options: { readme: { type: 'boolean' } } });
  const { machineCodeReport } = await import('./machine-code/report.mjs');
  const loops = await machineCodeReport();
  console.log(loops);
  if (values.readme) for (const file of writeParts({ loops })) console.log(`wrote ${file}`);
}

async function native(args) {
  const options = { only: { type: 'string' }, quick: { type: 'boolean' } };
  const { runNative } = await import('./native/native.mjs');
  await runNative(parseArgs({ args, options }).values);
}

async function wat() {
  const { limitText } = await import('./limit/module.mjs');
  console.log(limitText());
}
