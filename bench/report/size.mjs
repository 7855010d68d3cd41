// What a browser fetched, as a server would send it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { PROJECT } from '../../tools/project.mjs';

/** { files, bytes }: how many files these paths in the project are, and their size by brotli. */
export function compressedSize(paths) {
  const sizes = paths.map((path) => brotliCompressSync(readFileSync(join(PROJECT, path))).length);
  return { files: paths.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
