import type { Plugin } from 'vite';

/**
 * The page works from any folder, so its addresses are relative. Previews of links need absolute
 * addresses: QKV_SITE, the future address of the page, makes them absolute.
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
