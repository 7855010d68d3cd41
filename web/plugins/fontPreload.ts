import type { HtmlTagDescriptor, Plugin } from 'vite';

/**
 * What the first screen is set in. Asked for at once, these arrive before the script that draws the
 * page.
 */
const FIRST_SCREEN = [
  /source-serif-4-latin-400-normal-[^/]*\.woff2$/,
  /source-sans-3-latin-wght-normal-[^/]*\.woff2$/,
  /KaTeX_Main-Regular-[^/]*\.woff2$/,
  /KaTeX_Size2-Regular-[^/]*\.woff2$/,
  /KaTeX_Math-Italic-[^/]*\.woff2$/,
];

export function fontPreload(): Plugin {
  return {
    name: 'qkv:font-preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle = {} }) =>
        FIRST_SCREEN.map((pattern): HtmlTagDescriptor => {
          const file = Object.keys(bundle).find((name) => pattern.test(name));
          if (file === undefined) throw new Error(`no font in the build matches ${pattern}`);
          return {
            tag: 'link',
            attrs: {
              rel: 'preload',
              as: 'font',
              type: 'font/woff2',
              href: `./${file}`,
              crossorigin: true,
            },
            injectTo: 'head',
          };
        }),
    },
  };
}
