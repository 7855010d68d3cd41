import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { colourMap } from '../../web/plugins/colourMap.ts';
import { texPreprocessor } from '../../web/plugins/tex.ts';

/** The page's modules and figures in Node: `npm run build` first, for the package that they compute with. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte({ configFile: false, preprocess: texPreprocessor() }), colourMap()],
  // The condition and the environment make Svelte compile for a browser.
  resolve: { conditions: ['browser'] },
  test: {
    environment: 'happy-dom',
    include: ['*.test.ts'],
    // All files share the page's modules: the tests keep no state in them.
    isolate: false,
    testTimeout: 60_000,
    server: { deps: { external: [/bindings[\\/]dist/, /^qkv/] } },
  },
});
