/** The parts of Node that are used. `var` makes `process` a property of globalThis that may be missing. */
declare var process:
  | {
      /** undefined in hosts that have a `process`, but not this module. */
      getBuiltinModule?<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined;
      readonly execArgv?: readonly string[];
      readonly versions?: Readonly<Record<string, string>>;
      readonly platform?: string;
      readonly arch?: string;
    }
  | undefined;

interface NodeModules {
  'node:fs/promises': {
    readFile(path: URL, options: { signal: AbortSignal | undefined }): Promise<Uint8Array>;
  };
  'node:os': { availableParallelism(): number };
  'node:worker_threads': {
    Worker: new (script: URL, options: { execArgv?: string[] }) => NodeWorker;
    parentPort: unknown;
  };
}

interface NodeWorker {
  on(event: 'message', listener: (data: unknown) => void): void;
  on(event: 'error' | 'messageerror', listener: (cause: unknown) => void): void;
  on(event: 'exit', listener: (code: number) => void): void;
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  terminate(): unknown;
  unref(): void;
}
