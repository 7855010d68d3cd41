import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { colourMap } from './plugins/colourMap.ts';
import { contentSecurityPolicy } from './plugins/contentSecurityPolicy.ts';
import { fontPreload } from './plugins/fontPreload.ts';
import { readmePage } from './plugins/readmePage.ts';
import { serviceWorker } from './plugins/serviceWorker.ts';
import { siteAddress } from './plugins/siteAddress.ts';
import { staticExample } from './plugins/staticExample.ts';
import { subsetFonts } from './plugins/subsetFonts.ts';
import { texPreprocessor } from './plugins/tex.ts';

/** The package in files of its own, which stay in caches when the page around it changes. */
const ENGINE = [
  { name: 'engine', test: /bindings[\\/]dist[\\/](?!qkv\.|pool)/, priority: 1 },
  { name: 'pool', test: /bindings[\\/]dist[\\/]pool[\\/]/ },
];

export default defineConfig({
  // Relative, so that web/dist works from any folder of any server.
  base: './',
  plugins: [
    svelte({ preprocess: texPreprocessor() }),
    colourMap(),
    subsetFonts(),
    staticExample(),
    readmePage(),
    fontPreload(),
    contentSecurityPolicy(),
    siteAddress(),
    serviceWorker(),
  ],
  // The package finds its .wasm by `new URL(…, import.meta.url)`: pre-bundling would move the
  // module away from them.
  optimizeDeps: { exclude: ['qkv'] },
  // Modules, so that a worker fetches only the one variant of the engine that it runs.
  worker: {
    format: 'es',
    plugins: () => [colourMap()],
    rolldownOptions: { output: { codeSplitting: { groups: ENGINE } } },
  },
  build: {
    target: 'es2022',
    // A font or a .wasm as a data: URL would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'readme.html'].map((page) =>
        fileURLToPath(new URL(page, import.meta.url)),
      ),
      output: { codeSplitting: { groups: ENGINE } },
    },
  },
});
