// Loads '#bytes/<variant>' as a module of JavaScript that holds the bytes of a .wasm.

import { readFileSync } from 'node:fs';

const PREFIX = '#bytes/';

/**
 * As hexadecimal digits: the three variants are much alike, and brotli finds that only if each byte is a
 * whole number of characters. Base64 is 24 KB larger after brotli. `fileOf` returns a variant's file.
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
