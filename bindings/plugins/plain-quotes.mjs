// Bundlers look for `new URL("./file", import.meta.url)` and for the type of a worker, and some not for
// the backquotes that the minifier writes.

export function plainQuotes() {
  return {
    name: 'plain-quotes',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        chunk.code = chunk.code
          ?.replaceAll(
            /\bnew URL\(`([\w./-]+)`,\s*import\.meta\.url\)/g,
            'new URL("$1",import.meta.url)',
          )
          .replaceAll('{type:`module`}', '{type:"module"}');
      }
    },
  };
}
