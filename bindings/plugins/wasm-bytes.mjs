// A loader of the bundler for imports of '#bytes/<variant>': the bytes of a .wasm, as JavaScript.

import { readFileSync } from 'node:fs';

const PREFIX = '#bytes/';

/**
 * Hexadecimal digits, because brotli sees what three variants have in common only on byte boundaries:
 * base64 of the same files is 20 KB larger after brotli. `fileOf` says where a variant's file is.
 */
export function wasmBytes(fileOf) {
  return {
    name: 'wasm-bytes',
    resolveId: (source) => (source.startsWith(PREFIX) ? source : undefined),
    load(id) {
      if (!id.startsWith(PREFIX)) return undefined;
      const digits = readFileSync(fileOf(id.slice(PREFIX.length))).toString('hex');
      return `const digits = '${digits}';
        export function bytes() {
          const byte = (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16);
          return Uint8Array.from({ length: digits.length / 2 }, byte);
        }`;
    },
  };
}
