// Where the project is, and how its tools are started from a terminal.

import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StepFailed } from './long-step.mjs';

export const PROJECT = realpathSync(dirname(dirname(fileURLToPath(import.meta.url))));

/** Whether this module was started by `node`, rather than imported. */
export function isCommand(moduleUrl) {
  const started = process.argv[1];
  return (
    existsSync(started ?? '') && realpathSync(started) === realpathSync(fileURLToPath(moduleUrl))
  );
}

/** Runs a tool's `main`: a failure that has been explained is no reason for a stack trace. */
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
