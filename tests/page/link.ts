import type { Problem } from './reference.ts';

/** The address of matrices, after #: what web/src/state/link.ts promises to read. */
export function linkTo({ q, k, v }: Problem): string {
  const field = (name: string, rows: number[][]) =>
    `&${name}=1x${rows.length}x${rows[0].length}:${rows.flat().join(',')}`;
  return `#qkv=1${field('q', q)}${field('k', k)}${field('v', v)}`;
}
