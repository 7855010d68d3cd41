// Looks for what nobody thought of, for as long as it is given.
//
//     npm run campaign -- --minutes 10              all of it
//     npm run campaign -- --minutes 1 core          the core under libFuzzer, with sanitizers
//     npm run campaign -- --minutes 1 attend merge  some fuzzers of the core
//     npm run campaign -- module                    the package over a module with AddressSanitizer
//     npm run campaign -- --seed 7 …                the same random numbers again
//     npm run campaign -- --keep …                  then keeps the least inputs that cover as much

import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { StepFailed } from '../../tools/long-step.mjs';
import { asCommand, isCommand } from '../../tools/project.mjs';
import { FUZZERS, fuzzCore } from './core/fuzz.mjs';
import { testModule } from './module/test.mjs';

/** `what` names parts ('core', 'module') and fuzzers of the core; none means all. */
export async function campaign({ minutes, what = [], seed = randomInt(1, 2 ** 31), keep = false }) {
  const known = ['core', 'module', ...Object.keys(FUZZERS)];
  const unknown = what.find((word) => !known.includes(word));
  if (unknown) throw new StepFailed(`no part '${unknown}' of the campaign: ${known.join(', ')}`);
  const named = what.filter((word) => word in FUZZERS);
  const isAll = what.length === 0;
  const fuzzers = isAll || what.includes('core') ? Object.keys(FUZZERS) : named;
  if (fuzzers.length > 0) await fuzzCore({ fuzzers, minutes, seed, keep });
  if (isAll || what.includes('module')) await testModule();
}

if (isCommand(import.meta.url)) {
  await asCommand(() => {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        minutes: { type: 'string', default: '1' },
        seed: { type: 'string' },
        keep: { type: 'boolean', default: false },
      },
    });
    const minutes = Number(values.minutes);
    if (!(minutes > 0)) throw new StepFailed(`--minutes ${values.minutes}: a number above 0`);
    const seed = values.seed === undefined ? undefined : Number(values.seed);
    return campaign({ minutes, what: positionals, seed, keep: values.keep });
  });
}
