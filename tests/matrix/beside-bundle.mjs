// Copies the files that a bundler does not: the page, and files behind URLs that it does not follow.

import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

export function pageBesideBundle(app) {
  mkdirSync(join(app, 'dist'), { recursive: true });
  copyFileSync(join(app, 'index.html'), join(app, 'dist/index.html'));
}

/** esbuild does not follow `new URL('file', import.meta.url)`, so the files must lie beside its output. */
export function pageAndFilesBesideBundle(app) {
  pageBesideBundle(app);
  const dist = join(app, 'node_modules/qkv/dist');
  const wasm = readdirSync(dist).filter((file) => file.endsWith('.wasm'));
  for (const file of [...wasm, 'pool/worker.js'])
    copyFileSync(join(dist, file), join(app, 'dist', basename(file)));
}
