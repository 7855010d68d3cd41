import type { Plugin } from 'vite';

/**
 * Every browser that runs WebAssembly reads woff2, so KaTeX's woff and ttf copies would only fill
 * the build.
 */
export function katexFonts(): Plugin {
  return {
    name: 'qkv:katex-fonts',
    enforce: 'pre',
    transform(code, id) {
      if (!/katex(\.min)?\.css/.test(id)) return null;
      const css = code.replace(
        /,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\("(?:woff|truetype)"\)/g,
        '',
      );
      return { code: css, map: null };
    },
  };
}
