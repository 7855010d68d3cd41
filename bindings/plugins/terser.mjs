// Terser, after the bundler's own minifier, saves more than a hundred bytes of the package; and it writes the
// quotes that some bundlers look for in new URL("./file", import.meta.url) and in the type of a worker.

import { minify } from 'terser';

/** `format` is that of the output. */
export function terser(format) {
  return {
    name: 'terser',
    async generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle).filter(({ type }) => type === 'chunk')) {
        // New objects each time: terser writes into them.
        const compress = { passes: 3, ecma: 2020 };
        const options = { module: format === 'es', ecma: 2020, compress };
        chunk.code = (await minify(chunk.code, options)).code;
      }
    },
  };
}
