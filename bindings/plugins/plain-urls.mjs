// Bundlers look for `new URL("./file", import.meta.url)`, and some not for the backquotes that the
// minifier writes.

export function plainUrls() {
  return {
    name: 'plain-urls',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        chunk.code = chunk.code?.replaceAll(
          /\bnew URL\(`([\w./-]+)`,\s*import\.meta\.url\)/g,
          'new URL("$1",import.meta.url)',
        );
      }
    },
  };
}
