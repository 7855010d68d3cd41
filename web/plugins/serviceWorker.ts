import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const FILE = 'service-worker.js';

/**
 * Builds offline/serviceWorker.ts and gives it the list of the page's files. Its text changes when any
 * file changes, and browsers then install the new version.
 */
export function serviceWorker(): Plugin {
  let publicFolder = '';
  return {
    name: 'qkv:service-worker',
    apply: 'build',
    configResolved({ publicDir }) {
      publicFolder = publicDir;
    },
    buildStart() {
      const id = new URL('../offline/serviceWorker.ts', import.meta.url).pathname;
      this.emitFile({ type: 'chunk', id, fileName: FILE });
    },
    generateBundle: {
      // After Vite has made index.html.
      order: 'post',
      async handler(_options, bundle) {
        const worker = bundle[FILE];
        if (worker?.type !== 'chunk') throw new Error(`${FILE} was not built`);
        if (worker.imports.length > 0) throw new Error(`${FILE} must be one file`);
        const hash = createHash('sha256').update(worker.code);
        const built = Object.values(bundle).filter(({ fileName }) => fileName !== FILE);
        for (const file of built) hash.update(file.type === 'chunk' ? file.code : file.source);
        const copied = await readdir(publicFolder);
        for (const name of copied) hash.update(await readFile(join(publicFolder, name)));
        const files = [...built.map(({ fileName }) => fileName), ...copied].sort();
        const precache = { version: hash.digest('hex').slice(0, 16), files };
        worker.code = worker.code.replaceAll(/\bPRECACHE\b/g, JSON.stringify(precache));
      },
    },
  };
}
