// Where the sources say `new URL('./qkv.simd.wasm', import.meta.url)`, puts what stands for that file.

import { readFileSync } from 'node:fs';

const FILE = /new URL\('\.\/qkv\.(\w+)\.wasm', import\.meta\.url\)/g;
const BYTES = '\0bytes-of-';

/**
 * Its bytes, for a script that fetches nothing. As hexadecimal digits, through which brotli sees: 25 KB
 * are left of three variants, much alike; of base64 45 KB.
 */
export function wasmAsBytes(fileOf) {
  return {
    name: 'wasm-as-bytes',
    transform: (code) =>
      replaced(code, (variant) => `import { bytes as wasm_${variant} } from '${BYTES}${variant}';`),
    resolveId: (source) => (source.startsWith(BYTES) ? source : undefined),
    load(id) {
      if (!id.startsWith(BYTES)) return undefined;
      const digits = readFileSync(fileOf(id.slice(BYTES.length))).toString('hex');
      return `const digits = '${digits}';
        export function bytes() {
          const byte = (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16);
          return Uint8Array.from({ length: digits.length / 2 }, byte);
        }`;
    },
  };
}

/** A module, for hosts such as Cloudflare Workers that compile on deployment alone. */
export function wasmAsModule() {
  return {
    name: 'wasm-as-module',
    transform: (code) =>
      replaced(
        code,
        (variant) => `import module_${variant} from './qkv.${variant}.wasm';
          const wasm_${variant} = () => module_${variant};`,
      ),
    resolveId: (source) => (source.endsWith('.wasm') ? { id: source, external: true } : undefined),
  };
}

/** Nothing, for a script that is always given a module: bundlers need not follow it to the files. */
export function withoutWasm() {
  return {
    name: 'without-wasm',
    transform: (code) => replaced(code, (variant) => `const wasm_${variant} = () => undefined;`),
  };
}

function replaced(code, definitionOf) {
  const variants = new Set(Array.from(code.matchAll(FILE), ([, variant]) => variant));
  if (variants.size === 0) return undefined;
  const definitions = Array.from(variants, definitionOf).join('\n');
  return `${definitions}\n${code.replaceAll(FILE, 'wasm_$1()')}`;
}
