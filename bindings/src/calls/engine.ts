import type { MainModule as Module } from '../loading/glue.js';
import type { Heap, Scratch } from '../memory/heap.js';
import type { ProblemMemory } from './problem.js';

/** One instance of the module, and what its calls share. */
export interface Engine {
  readonly module: Module;
  readonly heap: Heap;
  readonly problem: ProblemMemory;
  readonly scratch: Scratch;
}
