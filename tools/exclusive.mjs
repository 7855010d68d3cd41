// Lets one process at a time do a task. The kernel holds the lock on an open file (flock), and frees it when
// the last process that has the file open ends. So no stale lock is left, even after SIGKILL.

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { ended, StepFailed } from './long-step.mjs';

/**
 * Runs `task(descriptor)` with the lock. A child process that gets the descriptor holds the lock too, so
 * another process waits until that child has ended.
 */
export async function exclusively(lockFile, { waiting }, task) {
  const descriptor = openSync(lockFile, 'a');
  try {
    if (!(await lock(descriptor, '--nonblock'))) {
      process.stderr.write(`… ${waiting}\n`);
      if (!(await lock(descriptor))) throw new StepFailed(`cannot lock ${lockFile}`, 130);
    }
    return await task(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

// flock(1) locks the open file that it inherits from this process, so the lock stays when flock exits.
async function lock(descriptor, ...options) {
  const stdio = ['ignore', 'ignore', 'inherit', descriptor];
  const { ok } = await ended(spawn('flock', ['--exclusive', ...options, '3'], { stdio }));
  return ok;
}
