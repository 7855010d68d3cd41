import { advice, QkvError } from '../errors.js';

/** The port of a worker, from inside. */
export interface Port {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}

/** Listens to a thread. `onDeath` is the last call. */
export interface Listener {
  onMessage(data: unknown): void;
  /** It ended by itself or was terminated; `reason` is for the error message. */
  onDeath(reason: string): void;
}

/** A thread that runs worker.ts: a module worker, or a worker thread of Node. It keeps no process alive. */
export interface Thread {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  end(): void;
}

/** The script's name for messages. Bundlers move the file, so its address is unknown here. */
export const SCRIPT = 'pool/worker.js';

export function startThread(listener: Listener): Thread {
  const NodeWorker = nodeThreads()?.Worker;
  if (hasWorker() || NodeWorker === undefined) return startWorker(listener);
  return startNodeWorker(NodeWorker, listener);
}

/** Throws if the engine has no threads, or this module does not know where their script is. */
export function expectThreads(): void {
  const address: string | undefined = import.meta.url;
  if (address !== undefined && (hasWorker() || nodeThreads())) return;
  throw new QkvError('ERR_UNSUPPORTED', {
    argument: 'workers',
    expected:
      address === undefined
        ? `a module that knows its address (import.meta.url), beside which ${SCRIPT} lies`
        : 'an engine that has Worker or worker_threads',
    received: 'one without',
    fix: advice`Use createAttention() of 'qkv/inline', which needs no worker and no file.`,
  });
}

function hasWorker(): boolean {
  return typeof globalThis.Worker === 'function';
}

/** Worker threads need a script that is a file. Some other hosts have node:worker_threads without files. */
function nodeThreads(): NodeModules['node:worker_threads'] | undefined {
  if (!(import.meta.url as string | undefined)?.startsWith('file:')) return undefined;
  return globalThis.process?.getBuiltinModule?.('node:worker_threads');
}

/** The Worker of browsers, Deno and Bun. Only Bun has unref(). */
type AnyWorker = Worker & { unref?(): void };

function startWorker(listener: Listener): Thread {
  const elsewhere = scriptElsewhere(import.meta.url);
  const worker: AnyWorker = permitted(() =>
    elsewhere
      ? new Worker(importing(elsewhere), { type: 'module' })
      : // Written out, so that bundlers find the script.
        new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
  );
  worker.unref?.();
  worker.onmessage = ({ data }) => listener.onMessage(data);
  worker.onmessageerror = () => listener.onDeath('it sent what cannot be read');
  // An exception gives an ErrorEvent with a message; a script that cannot be loaded, an Event without.
  worker.onerror = (event) => {
    event.preventDefault?.(); // it is told to whom it concerns, not to the console
    listener.onDeath(event.message || `its script, ${SCRIPT}, could not be loaded`);
  };
  worker.addEventListener('close', () => listener.onDeath('it was terminated')); // Bun alone
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    end: () => worker.terminate(),
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
      fix: advice`Let worker-src of a Content-Security-Policy allow it (of another origin: that, and blob:), or use createAttention(), which needs no worker.`,
      cause,
    });
  }
}

function startNodeWorker(
  NodeWorker: NodeModules['node:worker_threads']['Worker'],
  listener: Listener,
): Thread {
  // Not `new URL('…', import.meta.url)`: bundlers for browsers would copy the script twice.
  const start = () => new NodeWorker(besideThis(import.meta.url, 'worker.js'), nodeOptions());
  const worker = permitted(start);
  worker.on('message', (data) => listener.onMessage(data));
  worker.on('messageerror', () => listener.onDeath('it sent what cannot be read'));
  worker.on('error', (cause) =>
    listener.onDeath(cause instanceof Error ? cause.message : String(cause)),
  );
  worker.on('exit', (code) => listener.onDeath(`it was terminated, with exit code ${code}`));
  worker.unref(); // listening took it back
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    end: () => worker.terminate(),
  };
}

/** A thread inherits the options of its process, but Node refuses --input-type for a script. */
function nodeOptions(): { execArgv?: string[] } {
  const given = globalThis.process?.execArgv ?? [];
  return given.some((option) => option.startsWith('--input-type')) ? { execArgv: [] } : {};
}

/** The script's address, if the unbundled package comes from another origin than the page. */
function scriptElsewhere(module: string): URL | undefined {
  const origin = globalThis.location?.origin;
  if (!origin || !/^https?:.*\/pool\/index\.js$/.test(module)) return undefined;
  const script = besideThis(module, 'worker.js');
  return script.origin === origin ? undefined : script;
}

let shim: string | undefined;

/** A worker's script must have the page's origin, but it may import from another. */
function importing(script: URL): string {
  const text = `import ${JSON.stringify(script)};`;
  shim ??= URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  return shim;
}

function besideThis(module: string, name: string): URL {
  return new URL(module.replace(/[^/]*$/, name));
}
