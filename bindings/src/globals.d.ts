interface NodeFiles {
  readFile(path: URL, options: { signal: AbortSignal }): Promise<Uint8Array>;
}

/** What is used of Node without its types; `var` makes it a property of globalThis, where it may be missing. */
declare var process:
  | {
      getBuiltinModule?: ((name: 'node:fs/promises') => NodeFiles) &
        ((name: 'node:worker_threads') => object);
      readonly versions?: Readonly<Record<string, string>>;
      readonly platform?: string;
      readonly arch?: string;
    }
  | undefined;
