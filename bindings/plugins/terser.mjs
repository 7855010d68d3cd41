// The minifier. It writes the quotes that bundlers look for in new URL("./file", import.meta.url) and in
// the type of a worker; the bundler's own minifier writes backquotes.

import { minify } from 'terser';

/** `format` is that of the output. */
export function terser(format) {
  return {
    name: 'terser',
    async renderChunk(code) {
      const { code: minified } = await minify(code, { module: format === 'es', ecma: 2020 });
      return minified;
    },
  };
}
