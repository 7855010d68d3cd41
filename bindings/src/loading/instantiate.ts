import { asInteger } from '../calls/scalars.js';
import { advice, QkvError } from '../errors.js';
import { Heap, MOST_MEMORY, PAGE } from '../memory/heap.js';
import instantiateModule, { type MainModule } from './glue.js';
import { failureOf, type Identity } from './wasm-file.js';

function createMemory(initialMemory: number, maxMemory: number): WebAssembly.Memory {
  const initial = initialMemory / PAGE;
  const maximum = Math.floor(maxMemory / PAGE);
  try {
    return new WebAssembly.Memory({ initial, maximum });
  } catch (cause) {
    throw new QkvError('ERR_OOM', {
      argument: 'memory',
      expected: `${initial} pages, up to ${maximum}`,
      received: `an engine that refuses: ${cause instanceof Error ? cause.message : cause}`,
      fix: advice`Give a smaller maxMemory, or dispose of other instances.`,
      cause,
    });
  }
}

/** An instance with a memory of at most `maxMemory` bytes. */
export async function instantiate(
  compiled: WebAssembly.Module,
  { variant, initialMemory }: Identity,
  maxMemory: number,
) {
  asInteger('maxMemory', maxMemory, initialMemory, MOST_MEMORY);
  const memory = createMemory(initialMemory, maxMemory);
  const made = await new Promise<MainModule>((resolve, reject) => {
    instantiateModule({
      wasmMemory: memory,
      // Emscripten's promise never settles if this fails.
      instantiateWasm(
        imports: WebAssembly.Imports,
        onInstance: (it: WebAssembly.Instance) => void,
      ) {
        WebAssembly.instantiate(compiled, imports)
          .then(onInstance)
          .catch((cause) => reject(failureOf(cause, `variant '${variant}'`)));
        return {};
      },
    }).then(resolve, reject);
  });
  // Embind adds properties one by one, so engines store them in a hash table. A copy has a hidden class,
  // through which property reads are fast.
  const module = { ...made };
  return { module, heap: new Heap(module, memory, maxMemory) };
}
