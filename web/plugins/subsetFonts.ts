import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import subsetFont from 'subset-font';
import type { Plugin } from 'vite';
import { MATH_CHARACTERS, TEXT_CHARACTERS } from './characters.ts';

/** styles/fonts.css reads the fonts from here. */
const FOLDER = new URL('../../build/fonts/', import.meta.url);

const FONTS = [
  {
    name: 'source-serif-4.woff2',
    from: '@fontsource/source-serif-4/files/source-serif-4-latin-400-normal.woff2',
    characters: TEXT_CHARACTERS,
  },
  {
    name: 'source-sans-3.woff2',
    from: '@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2',
    characters: TEXT_CHARACTERS,
    weights: { min: 400, max: 650 },
  },
  {
    // Its MATH table tells browsers how to set formulas and which signs grow with their content.
    name: 'stix-two-math.woff2',
    from: '@fontsource/stix-two-math/files/stix-two-math-latin-400-normal.woff2',
    characters: MATH_CHARACTERS,
  },
];

/** Keeps only the characters of the page: the fonts become less than half as large. */
export function subsetFonts(): Plugin {
  return {
    name: 'qkv:subset-fonts',
    async buildStart() {
      await mkdir(FOLDER, { recursive: true });
      await Promise.all(FONTS.map(cutDown));
    },
  };
}

async function cutDown({ name, from, characters, weights }: (typeof FONTS)[number]): Promise<void> {
  const original = await readFile(createRequire(import.meta.url).resolve(from));
  const font = await subsetFont(original, [...characters].join(''), {
    targetFormat: 'woff2',
    ...(weights && { variationAxes: { wght: weights } }),
  });
  await writeFile(new URL(name, FOLDER), font);
}
