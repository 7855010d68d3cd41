// One process at a time. The lock is the kernel's (flock on an open file), so it cannot go stale: it
// is gone as soon as the last process that holds the descriptor is, however that process ended.

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { ended, StepFailed } from './long-step.mjs';

/**
 * Runs `task(descriptor)` while holding the lock. Children that must not outlive it unseen are
 * given the descriptor: as long as one of them lives, the next process waits.
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

// flock(1) locks the open file that it shares with us, so the lock stays ours when it exits.
async function lock(descriptor, ...options) {
  const stdio = ['ignore', 'ignore', 'inherit', descriptor];
  const { ok } = await ended(spawn('flock', ['--exclusive', ...options, '3'], { stdio }));
  return ok;
}
