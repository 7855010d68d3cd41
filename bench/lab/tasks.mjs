// The tasks that an engine can be asked for, by name. Both engines come in through here.

import { measureCold } from './cold.mjs';
import { openLab } from './lab.mjs';
import { measureMemory } from './memory.mjs';

/** Gives { measure, cold, memory }, each a function of one plain object that resolves to another. */
export function tasksIn(environment) {
  let lab;
  return {
    async measure({ group, settings }) {
      lab ??= openLab(environment);
      return (await lab).measure(group, settings);
    },
    cold: (job) => measureCold(job, environment),
    memory: (job) => measureMemory(job),
  };
}
