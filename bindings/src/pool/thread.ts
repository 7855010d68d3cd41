import { QkvError } from '../errors.js';

/** What threads talk through: a worker seen from within. */
export interface Port {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}

/** What a thread tells the one that started it; after `onDeath`, nothing. */
export interface Listener {
  onMessage(data: unknown): void;
  /** It ended by itself or was ended by another; `reason` says what is known of it. */
  onDeath(reason: string): void;
}

/** A thread that runs worker.ts: a module worker, or in Node a worker thread. */
export interface Thread {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  end(): void;
  /** Whether it keeps the process alive, where there is one. */
  keepAlive(keep: boolean): void;
}

/** The script, in words: bundlers move it, so that its address is not known here. */
export const SCRIPT = 'pool/worker.js';

export function startThread(listener: Listener): Thread {
  if (typeof globalThis.Worker === 'function') return startWorker(listener);
  const node = globalThis.process?.getBuiltinModule?.('node:worker_threads');
  if (node) return startNodeWorker(node.Worker, listener);
  throw new QkvError('ERR_UNSUPPORTED', {
    argument: 'workers',
    expected: 'an engine that has Worker or worker_threads',
    received: 'one without',
    fix: 'Use createAttention(), which needs no worker.',
  });
}

/** Of browsers, Deno and Bun; the latter let a process end while a worker is idle. */
type AnyWorker = Worker & { ref?(): void; unref?(): void };

function startWorker(listener: Listener): Thread {
  // Written out, so that bundlers find the script.
  const start = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  const worker: AnyWorker = permitted(start);
  worker.onmessage = ({ data }) => listener.onMessage(data);
  worker.onmessageerror = () => listener.onDeath('it sent what cannot be read');
  // Of a script that cannot be loaded an Event tells nothing; of an exception an ErrorEvent does.
  worker.onerror = (event) => {
    event.preventDefault?.(); // it is told to whom it concerns, not to the console
    listener.onDeath(event.message || `its script, ${SCRIPT}, could not be loaded`);
  };
  worker.addEventListener('close', () => listener.onDeath('it was terminated')); // Bun alone
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    end: () => worker.terminate(),
    keepAlive: (keep) => (keep ? worker.ref?.() : worker.unref?.()),
  };
}

function permitted<Result>(start: () => Result): Result {
  try {
    return start();
  } catch (cause) {
    throw new QkvError('ERR_UNSUPPORTED', {
      argument: 'workers',
      expected: `permission to start a module worker from ${SCRIPT}`,
      received: cause instanceof Error ? cause.message : String(cause),
      fix: 'Serve the package from the origin of the page, or use createAttention(), which needs no worker.',
      cause,
    });
  }
}

function startNodeWorker(
  NodeWorker: NodeModules['node:worker_threads']['Worker'],
  listener: Listener,
): Thread {
  // No `new URL('…', import.meta.url)`: bundlers for browsers would copy the script once more.
  const worker = new NodeWorker(besideThis(import.meta.url, 'worker.js'), nodeOptions());
  worker.on('message', (data) => listener.onMessage(data));
  worker.on('messageerror', () => listener.onDeath('it sent what cannot be read'));
  worker.on('error', (cause) =>
    listener.onDeath(cause instanceof Error ? cause.message : String(cause)),
  );
  worker.on('exit', (code) => listener.onDeath(`it was terminated, with exit code ${code}`));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    end: () => worker.terminate(),
    keepAlive: (keep) => (keep ? worker.ref() : worker.unref()),
  };
}

/** A thread inherits the options of its process; of a script it refuses one that is about --eval. */
function nodeOptions(): { execArgv?: string[] } {
  const given = globalThis.process?.execArgv ?? [];
  return given.some((option) => option.startsWith('--input-type')) ? { execArgv: [] } : {};
}

function besideThis(module: string, name: string): URL {
  return new URL(module.replace(/[^/]*$/, name));
}
