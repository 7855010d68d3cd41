import { interpolateCividis } from 'd3-scale-chromatic';
import type { Plugin } from 'vite';

const NAME = 'virtual:cividis';
const SHADES = 256;

/**
 * `import shades from 'virtual:cividis'`: the colours of cividis from dark to bright, six hexadecimal
 * digits each. The library has many colour maps; the page gets only these numbers.
 */
export function colourMap(): Plugin {
  return {
    name: 'qkv:colour-map',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load: (id) => (id === `\0${NAME}` ? `export default ${JSON.stringify(cividis())}` : null),
  };
}

function cividis(): string {
  const shade = (index: number) => interpolateCividis(index / (SHADES - 1)).match(/\d+/g) ?? [];
  return Array.from({ length: SHADES }, (_, index) => shade(index).map(hexadecimal).join('')).join(
    '',
  );
}

function hexadecimal(channel: string): string {
  return Number(channel).toString(16).padStart(2, '0');
}
