/** What is used of Node without its types. */
declare const process:
  | {
      getBuiltinModule?(name: 'node:fs/promises'): {
        readFile(path: URL, options?: { signal: AbortSignal }): Promise<Uint8Array>;
      };
    }
  | undefined;
