import type { HtmlTagDescriptor, Plugin } from 'vite';

/**
 * The fonts of the first screen. With a preload they arrive before the script that draws the page.
 */
const TEXT = [/source-serif-4-[^/]*\.woff2$/, /source-sans-3-[^/]*\.woff2$/];
const MATH = /stix-two-math-[^/]*\.woff2$/;

export function fontPreload(): Plugin {
  return {
    name: 'qkv:font-preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html, { bundle = {} }) =>
        [...TEXT, ...(html.includes('<math') ? [MATH] : [])].map((pattern): HtmlTagDescriptor => {
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
