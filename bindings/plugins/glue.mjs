// The JavaScript that Emscripten makes for a module. It is the same for each variant but for the name
// of the .wasm, which only its own loading uses: so the package holds it once, without that loading.

import { readFileSync } from 'node:fs';

// What only runs if nobody passes `instantiateWasm`, which our loader always does.
const NEVER_RUN = new Set(['instantiateAsync', 'findWasmBinary']);

/** Resolves the import of `glue.js` to the glue in these files. */
export function glue(files) {
  return {
    name: 'glue',
    resolveId: (source) => (source.endsWith('/glue.js') ? files[0] : undefined),
    load(id) {
      if (id !== files[0]) return undefined;
      const [first, ...others] = files.map((file) =>
        readFileSync(file, 'utf8').replaceAll(/qkv\.\w+\.wasm/g, 'qkv.wasm'),
      );
      if (others.some((other) => other !== first))
        throw new Error(`the variants need glue of their own: compare ${files.join(', ')}`);
      return emptied(first, functionsIn(this.parse(first)));
    },
  };
}

function emptied(code, functions) {
  const bodies = functions.filter(({ id }) => NEVER_RUN.has(id.name)).map(({ body }) => body);
  return bodies
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end }) => `${text.slice(0, start)}{}${text.slice(end)}`, code);
}

function functionsIn(node) {
  if (Array.isArray(node)) return node.flatMap(functionsIn);
  if (typeof node !== 'object' || node === null) return [];
  const inside = Object.values(node).flatMap(functionsIn);
  return node.type === 'FunctionDeclaration' ? [node, ...inside] : inside;
}
