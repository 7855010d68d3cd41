import { asInteger } from '../calls/scalars.js';
import { advice, QkvError, reasonOf } from '../errors.js';
import { Heap, MOST_MEMORY, PAGE } from '../memory/heap.js';
import instantiateModule, { type MainModule } from './glue.js';
import { failureOf, type Identity } from './wasm-file.js';

/**
 * A memory that may grow to `maxMemory` bytes, or to less where the engine reserves fewer addresses.
 * Engines reserve all of them at once.
 */
function createMemory(initialMemory: number, maxMemory: number) {
  const initial = initialMemory / PAGE;
  let most = maxMemory;
  for (;;) {
    try {
      const memory = new WebAssembly.Memory({ initial, maximum: Math.floor(most / PAGE) });
      return { memory, maxMemory: most };
    } catch (cause) {
      if (most === initialMemory) throw refused(initialMemory, cause);
      most = Math.max(initialMemory, Math.floor(most / 2));
    }
  }
}

function refused(bytes: number, cause: unknown): QkvError {
  return new QkvError('ERR_OOM', {
    argument: 'memory',
    expected: `addresses for ${bytes} bytes`,
    received: `an engine that refuses: ${reasonOf(cause)}`,
    fix: advice`Dispose of other instances.`,
    cause,
  });
}

/** An instance with a memory of at most `maxMemory` bytes, and how many of them the engine granted. */
export async function instantiate(
  compiled: WebAssembly.Module,
  { variant, initialMemory }: Identity,
  maxMemory: number,
) {
  asInteger('maxMemory', maxMemory, initialMemory, MOST_MEMORY);
  const { memory, maxMemory: granted } = createMemory(initialMemory, maxMemory);
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
  return { module, heap: new Heap(module, memory, granted), maxMemory: granted };
}
