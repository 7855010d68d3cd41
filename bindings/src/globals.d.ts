/** What is used of Node without its types; `var` makes it a property of globalThis, where it may be missing. */
declare var process:
  | {
      getBuiltinModule?(name: 'node:fs/promises'): {
        readFile(path: URL, options: { signal: AbortSignal }): Promise<Uint8Array>;
      };
    }
  | undefined;
