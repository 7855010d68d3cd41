// The size of the files that a browser fetches, compressed as a server sends them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { PROJECT } from '../../tools/project.mjs';

/** { files, bytes }: the number of these files of the project, and their size by brotli. */
export function compressedSize(paths) {
  const sizes = paths.map((path) => brotliCompressSync(readFileSync(join(PROJECT, path))).length);
  return { files: paths.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
