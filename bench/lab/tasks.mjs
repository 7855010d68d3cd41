// The tasks that an engine can be asked for, by name. Both engines come in through here.

import { measureCold } from './cold.mjs';
import { measureGroup } from './group.mjs';
import { measureMemory } from './memory.mjs';

/** Gives { measure, cold, memory }, each a function of one plain object that resolves to another. */
export function tasksIn(environment) {
  return {
    measure: (job) => measureGroup(job, environment),
    cold: (job) => measureCold(job, environment),
    memory: (job) => measureMemory(job),
  };
}
