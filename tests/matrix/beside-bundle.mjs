// What is copied by hand where a bundler does not: its page, and files that it does not follow.

import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export function pageBesideBundle(app) {
  mkdirSync(join(app, 'dist'), { recursive: true });
  copyFileSync(join(app, 'index.html'), join(app, 'dist/index.html'));
}

/** esbuild leaves `new URL('file', import.meta.url)` as it is: the files have to be beside its output. */
export function pageAndFilesBesideBundle(app) {
  pageBesideBundle(app);
  const dist = join(app, 'node_modules/qkv/dist');
  for (const file of readdirSync(dist).filter(isFoundByUrl))
    copyFileSync(join(dist, file), join(app, 'dist', file));
}

function isFoundByUrl(file) {
  return file.endsWith('.wasm') || file === 'pool-worker.js';
}
