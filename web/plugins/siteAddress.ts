import type { Plugin } from 'vite';

/**
 * The page works from any folder, so its addresses are relative; but what shows a preview of a link wants
 * whole ones. QKV_SITE, the address that the page will have, makes them so.
 */
export function siteAddress(site = process.env.QKV_SITE): Plugin {
  return {
    name: 'qkv:site-address',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { path: file }) {
        if (!site) return html;
        const absolute = (path: string) => new URL(path, site).href;
        const address = absolute(file.replace(/^\/(index\.html$)?/, './'));
        return {
          html: html.replace(
            /(<meta property="og:image" content=")([^"]*)/,
            (_, before: string, path: string) => before + absolute(path),
          ),
          tags: [
            { tag: 'meta', attrs: { property: 'og:url', content: address } },
            { tag: 'link', attrs: { rel: 'canonical', href: address } },
          ].map((tag) => ({ ...tag, injectTo: 'head' as const })),
        };
      },
    },
  };
}
