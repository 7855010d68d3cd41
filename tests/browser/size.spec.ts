import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { expect, test } from '@playwright/test';

const DIST = fileURLToPath(new URL('../../web/dist/', import.meta.url));
const MOST = 120_000;
/** Vite’s names for the package: its TypeScript, the glue of each variant, the pool, its worker. */
const ENGINE = /^assets\/(engine|pool|qkv\.\w+|worker)-[\w-]{8}\.js$/;

test('the script of the page, the engine apart, is at most 120 KB', () => {
  const scripts = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.js'),
  );
  const engine = scripts.filter((path) => ENGINE.test(path));
  expect(engine.length, 'the engine is there').toBeGreaterThan(3);
  const sizes = scripts
    .filter((path) => !ENGINE.test(path))
    .map((path) => ({ path, bytes: brotliCompressSync(readFileSync(DIST + path)).length }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(total, JSON.stringify(sizes)).toBeLessThanOrEqual(MOST);
});

test('the fonts are cut down to what the page writes', () => {
  const fonts = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(woff2?|ttf|otf)$/.test(path),
  );
  expect(fonts).toHaveLength(3);
  const bytes = fonts.reduce((sum, path) => sum + readFileSync(DIST + path).length, 0);
  expect(bytes).toBeLessThanOrEqual(64_000);
});
