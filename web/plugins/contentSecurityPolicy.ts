import type { Plugin } from 'vite';
import directives from '../content-security-policy.json' with { type: 'json' };

/**
 * The page carries its policy with it, for servers that send none. 'wasm-unsafe-eval' lets
 * WebAssembly compile and nothing else; Svelte makes its templates through one named Trusted Types
 * policy; `data:` images are CSS's. (`frame-ancestors` and `report-to` are ignored in a
 * <meta>: they are the server's.)
 */
const POLICY = directives.join('; ');

/** Built pages only: Vite's development server puts styles and a client script inline. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'qkv:content-security-policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
          // First in <head>: a policy governs only what comes after it.
          injectTo: 'head-prepend',
        },
      ],
    },
  };
}
