// The size of the files that a browser fetches for one variant, and its limit.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

/** The limit in bytes for all files of one variant, each compressed by brotli at its highest quality. */
export const BUDGET = 46_000;

/** [{ name, bytes, brotli }] of the files that a browser fetches when it imports `entry` of the folder `dist`. */
export function filesOf(dist, variant, entry = 'index.js') {
  return [...modulesFrom(dist, entry), `qkv.${variant}.wasm`].map((name) => {
    const content = readFileSync(join(dist, name));
    return { name, bytes: content.length, brotli: brotliSize(content) };
  });
}

export function total(files) {
  return files.reduce((sum, { brotli }) => sum + brotli, 0);
}

/** 'errors.js 515 + index.js 12880 + … = 28980 bytes of 40000' */
export function describeSize(files, budget = BUDGET) {
  const parts = files.map(({ name, brotli }) => `${name} ${brotli}`).join(' + ');
  return `${parts} = ${total(files)} bytes of ${budget}`;
}

/** A line for each variant that is over the budget. */
export function sizeProblems(dist, variants, budget = BUDGET) {
  const sizes = variants.map((variant) => filesOf(dist, variant));
  const over = sizes.filter((files) => total(files) > budget);
  return over.map((files) => `over the budget: ${describeSize(files, budget)}`);
}

export function brotliSize(content) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  return brotliCompressSync(content, { params }).length;
}

/** A module and all modules that it imports statically. */
function modulesFrom(dist, entry, found = new Set()) {
  if (found.has(entry)) return found;
  found.add(entry);
  const text = readFileSync(join(dist, entry), 'utf8');
  for (const [, name] of text.matchAll(/\b(?:from|import)\s*["']\.\/([\w.-]+)["']/g))
    modulesFrom(dist, name, found);
  return found;
}
