// The minifier. Other bundlers look for quotes in new URL("./file", import.meta.url) and in the type of a
// worker. Terser keeps them; the minifier of our bundler writes backquotes.

import { minify } from 'terser';

/** `format` is the format of the output. */
export function terser(format) {
  return {
    name: 'terser',
    async renderChunk(code) {
      const compress = { passes: 2 };
      const options = { module: format === 'es', ecma: 2020, compress };
      const { code: minified } = await minify(code, options);
      return minified;
    },
  };
}
