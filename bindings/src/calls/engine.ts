import type { MainModule } from '../loading/glue.js';
import type { Heap } from '../memory/heap.js';
import type { Scratch } from '../memory/scratch.js';
import type { ProblemMemory } from './problem.js';

/** One instance of the module, and the memory that its calls share. */
export interface Engine {
  readonly module: MainModule;
  readonly heap: Heap;
  readonly problem: ProblemMemory;
  readonly scratch: Scratch;
}
