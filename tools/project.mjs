// The project's folder, and how a tool starts from a terminal.

import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StepFailed } from './long-step.mjs';

export const PROJECT = realpathSync(dirname(dirname(fileURLToPath(import.meta.url))));

/** Whether `node` started this module, rather than another module importing it. */
export function isCommand(moduleUrl) {
  const started = process.argv[1];
  return (
    existsSync(started ?? '') && realpathSync(started) === realpathSync(fileURLToPath(moduleUrl))
  );
}

/** Runs the `main` of a tool. If it fails with StepFailed, the message is shown without a stack trace. */
export async function asCommand(main) {
  try {
    await main();
  } catch (error) {
    const misuse = String(error?.code).startsWith('ERR_PARSE_ARGS');
    if (!(error instanceof StepFailed) && !misuse) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode ?? 1;
  }
}
