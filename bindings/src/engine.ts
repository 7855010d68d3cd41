import type { Heap, Scratch } from './heap.js';
import type { Module } from './module.js';
import type { ProblemMemory } from './problem.js';

/** One instance of the module, and what its calls share. */
export interface Engine {
  readonly module: Module;
  readonly heap: Heap;
  readonly problem: ProblemMemory;
  readonly scratch: Scratch;
}
