// The JavaScript that Emscripten makes for a module: its minimal runtime, which makes a memory and an
// instance by itself. Here it gets those of our loader.

import { readFileSync } from 'node:fs';

/** Resolves the import of `glue.js` to the glue in these files, which is the same for each variant. */
export function glue(files) {
  return {
    name: 'glue',
    resolveId: (source) => (source.endsWith('/glue.js') ? files[0] : undefined),
    load(id) {
      if (id !== files[0]) return undefined;
      const [first, ...others] = files.map((file) => readFileSync(file, 'utf8'));
      if (others.some((other) => other !== first))
        throw new Error(`the variants need glue of their own: compare ${files.join(', ')}`);
      return guided(first);
    },
  };
}

/** In a function, since nothing is to happen on import; what it takes for the global WebAssembly is ours. */
function guided(code) {
  const [statement, name] = /^export default (\w+);?$/m.exec(code);
  return `export default function glue({ wasmMemory, instantiateWasm }) {
    const WebAssembly = {
      Memory: function () { return wasmMemory; },
      instantiate: (_wasm, imports) => ({
        then: (receive) => instantiateWasm(imports, (instance) => receive({ instance })),
      }),
    };
    ${code.replace(statement, '')}
    return ${name}();
  }`;
}
