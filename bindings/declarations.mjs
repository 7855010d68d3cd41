// Writes the declarations that the entries of the package reach, and no others.

import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('tsconfig.json', import.meta.url));

/** `entries` are files in `dist`, such as `index.d.ts`. */
export function writeDeclarations(dist, entries) {
  const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
  const args = [
    tsc,
    '--project',
    PROJECT,
    '--outDir',
    dist,
    '--emitDeclarationOnly',
    '--stripInternal',
  ];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);

  const reached = new Set();
  for (const entry of entries) follow(join(dist, entry), reached);
  for (const file of readdirSync(dist, { recursive: true })) {
    if (file.endsWith('.d.ts') && !reached.has(join(dist, file))) rmSync(join(dist, file));
  }
}

/** Types of CommonJS are files of their own, because a `package.json` beside them says what they describe. */
export function copyDeclarations(from, to) {
  for (const file of readdirSync(from, { recursive: true }))
    if (file.endsWith('.d.ts')) cpSync(join(from, file), join(to, file));
}

function follow(file, reached) {
  if (reached.has(file)) return;
  reached.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/['"](\.{1,2}\/[\w./-]+)\.js['"]/g);
  for (const [, path] of imports) follow(`${join(dirname(file), path)}.d.ts`, reached);
}
