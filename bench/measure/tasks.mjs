// The tasks that session.mjs asks an engine for, by name. Node and Chromium both load this module.

import { measureCold } from './cold.mjs';
import { measureGroup } from './group.mjs';
import { measureMemory } from './memory.mjs';

/** Gives { measure, cold, memory }: functions from one plain object to a promise of another. */
export function tasksIn(environment) {
  return {
    measure: (job) => measureGroup(job, environment),
    cold: (job) => measureCold(job, environment),
    memory: (job) => measureMemory(job),
  };
}
